"""Settings that are wrong together are named with their remedy before the site starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks

ROOT = Path(__file__).resolve().parents[2]
RANDOM = "Po9Iu8Yt7Re6Wq5As4Df3Gh2Jk1Lz0Xc9Vb8Nm7"
SECRETS = {name: f"{name} {RANDOM}" for name in ("SECRET_KEY", "VIEWER_KEY")}
IN_PRODUCTION = {
    **SECRETS, "PRODUCTION": True, "DEBUG": False, "ALLOWED_HOSTS": ["example.org"],
    "TOKEN_KEYS": [f"1:{RANDOM}"], "PUBLIC_REPORTS": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_test_server(settings: Any) -> None:
    """Take out the host that Django's test client adds."""
    settings.ALLOWED_HOSTS = ["localhost"]


def found(settings: Any, values: dict[str, Any], *, deploy: bool = False) -> list[CheckMessage]:
    for name, value in values.items():
        setattr(settings, name, value)
    every = run_checks(tags=["settings"], include_deployment_checks=deploy)
    return [message for message in every if str(message.id).startswith("coverlift.")]


def test_the_settings_of_development_and_of_production_are_in_order(settings: Any) -> None:
    assert found(settings, {}) == []
    assert found(settings, IN_PRODUCTION, deploy=True) == []


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("E001", {**IN_PRODUCTION, "DEBUG": True}, "COVERLIFT_DEBUG is on in production"),
    ("E002", {**IN_PRODUCTION, "SECRET_KEY": f"development-only{RANDOM}"}, "SECRET_KEY in"),
    ("E002", {**IN_PRODUCTION, "VIEWER_KEY": "development-only"}, "COVERLIFT_VIEWER_KEY in"),
    ("E002", {**IN_PRODUCTION, "TOKEN_KEYS": [f"1:development-only{RANDOM}"]}, "TOKEN_KEYS in"),
    ("E012", {**IN_PRODUCTION, "SECRET_KEY": "x"}, "COVERLIFT_SECRET_KEY: under 32"),
    ("E012", {**IN_PRODUCTION, "SECRET_KEY": "x" * 60}, "COVERLIFT_SECRET_KEY: under 32"),
    ("E012", {**IN_PRODUCTION, "TOKEN_KEYS": [f"2:{RANDOM}", "1:short"]}, "COVERLIFT_TOKEN_KEYS: "),
    ("E013", {**IN_PRODUCTION, "ALLOWED_HOSTS": ["*"]}, "may give the site any name"),
    ("W001", {"ALLOWED_HOSTS": ["localhost", "example.org"]}, "names example.org"),
    ("E003", {"TOKEN_KEYS": ["secret"]}, "must look like id:secret"),
    ("E003", {"TOKEN_KEYS": ["1:new", "1:old"]}, "a new key needs a new id"),
    ("E004", {**IN_PRODUCTION, "ALLOWED_HOSTS": ["https://example.org"]}, "https://example.org"),
    ("E004", {**IN_PRODUCTION, "ALLOWED_HOSTS": ["example.org:8000"]}, "example.org:8000"),
    ("E005", {"CELERY_BROKER_URL": "rabbit://user:secret@host"}, "begins with 'rabbit'"),
    ("E005", {"CELERY_BROKER_URL": "redis:6379"}, "begins with 'redis'"),
    ("E005", {"CELERY_BROKER_URL": "redis://host:port"}, "begins with 'redis'"),
    ("E006", {"CELERY_BROKER_URL": "pgmq://u:secret@other/name"}, "another database"),
    ("E007", {"FEATURES_QUEUE": "celery"}, "and not 'celery' or 'asked'"),
    ("E007", {"FEATURES_QUEUE": "asked"}, "== 'asked', must be"),
    ("E007", {"FEATURES_QUEUE": "my-features"}, "== 'my-features', must be up to 47"),
    ("E008", {"S3_PUBLIC_URL": "https://cdn"}, "COVERLIFT_S3_PUBLIC_URL without"),
    ("E008", {"S3_ENDPOINT": "https://minio"}, "COVERLIFT_S3_ENDPOINT without"),
    ("E015", {"EVENTS": "mysql://user:secret@host/events"}, "begins with 'mysql', must be"),
    ("E010", {"MEDIA_ROOT": "/srv/media", "SPOOL_ROOT": "/srv/media/spool"}, "SPOOL_ROOT == "),
    ("E010", {"MEDIA_ROOT": "/srv/files", "FEATURES_ROOT": "/srv/files"}, "lies in"),
    ("E016", {"EVENT_LOG": ["log-1:4222"]}, "1 servers without nats://"),
    ("E011", {"SKIP_INTRO": (0.0, 0.5), "SKIP_OUTRO": (0.0, 0.5)}, "are 100% of a video"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "says"), FAULTS)
def test_what_cannot_be_meant_is_named(
    settings: Any, name: str, values: dict[str, Any], says: str
) -> None:
    (message,) = found(settings, values)
    assert message.id == f"coverlift.{name}"
    assert says in message.msg
    assert message.hint
    assert "secret@" not in str(message)


@pytest.mark.parametrize("url", ["redis://host:6379/0", "rediss://host", "amqp://host//"])
def test_other_brokers_are_understood(settings: Any, url: str) -> None:
    assert found(settings, {"CELERY_BROKER_URL": url}) == []


def test_half_of_a_buckets_credentials_is_named(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    (message,) = found(settings, {"S3_BUCKET": "media"})
    assert (message.id, message.msg.split()[0]) == ("coverlift.E009", "AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert found(settings, {}) == []
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert found(settings, {}) == []


WEAKNESSES: list[tuple[str, dict[str, Any]]] = [
    ("W101", {"PRODUCTION": False}),
    ("W102", {**IN_PRODUCTION, "PUBLIC_REPORTS": True}),
    ("W104", {**IN_PRODUCTION, "VIEWER_KEY": "short"}),
    ("W105", {**IN_PRODUCTION, "S3_BUCKET": "media", "S3_PUBLIC_URL": "http://cdn"}),
    ("W106", {**IN_PRODUCTION, "SELECTORS": ("raw", "nonsense")}),
    ("W106", {**IN_PRODUCTION, "EXTRACTOR": "3d-resnet-50", "EXTRACTOR_WEIGHTS": "/none.pth"}),
]


@pytest.mark.parametrize(("name", "values"), WEAKNESSES)
def test_a_weak_site_is_told_before_strangers_come(
    settings: Any, name: str, values: dict[str, Any]
) -> None:
    assert found(settings, values) == []
    (message,) = found(settings, {}, deploy=True)
    assert message.id == f"coverlift.{name}"
    assert message.hint


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one management command in production, with these variables and no database."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"COVERLIFT_ENV": "production", "DATABASE_URL": "postgres://user:x@db/name"}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


STRONG = {
    "COVERLIFT_SECRET_KEY": "qV7wz0c3Jr8Ue1xk5Yb9Nn4tMd2Hs6Gf_La-PoIiUuTtRrEeWwQq",
    "COVERLIFT_VIEWER_KEY": "Zx1Cv2Bn3Ml4Kj5Hg6Fd7Sa8Qw9Er0Ty1Ui2Op3",
    "COVERLIFT_TOKEN_KEYS": f"1:{RANDOM}",
    "COVERLIFT_ALLOWED_HOSTS": "example.org",
}


def test_settings_that_are_wrong_together_stop_a_start() -> None:
    stopped = manage("migrate", **STRONG, COVERLIFT_S3_PUBLIC_URL="https://cdn")
    assert stopped.returncode == 1
    assert "coverlift.E008" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_check_deploy_passes_a_strong_site_and_no_weak_one() -> None:
    check = ("check", "--deploy", "--fail-level", "WARNING")
    passed = manage(*check, **STRONG)
    assert passed.returncode == 0, passed.stderr
    weak = manage(*check, **dict.fromkeys(STRONG, "1:short"), COVERLIFT_PUBLIC_REPORTS="1")
    assert weak.returncode == 1
    for name in ("coverlift.E004", "coverlift.W102", "coverlift.W104", "coverlift.E012"):
        assert name in weak.stderr


LOAD = "import gc, server.wsgi; print(gc.get_stats()[2]['collections'], gc.isenabled())"


def serve(**variables: str) -> subprocess.CompletedProcess[str]:
    """Load what a web server loads, in production, and print how often it looked for garbage."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"COVERLIFT_ENV": "production", "DATABASE_URL": "postgres://user:x@db/name"}
    return subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=ROOT, env={**environment, "PYTHONPATH": "platform", **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_web_server_serves_by_strong_settings_alone() -> None:
    started = serve(**STRONG)
    assert started.returncode == 0, started.stderr
    assert started.stdout == "1 True\n", "while it loads, it does not look; then it does"
    refused = serve(**STRONG | {"COVERLIFT_TOKEN_KEYS": "1:development-only"})
    assert refused.returncode == 1
    assert "COVERLIFT_TOKEN_KEYS in production: the secret of development" in refused.stderr
    twice = serve(**STRONG | {"COVERLIFT_TOKEN_KEYS": f"1:{RANDOM},1:{RANDOM[::-1]}"})
    assert "two token keys have one id" in twice.stderr
