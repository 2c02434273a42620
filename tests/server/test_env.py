"""Settings are read loudly: what cannot be meant is an error that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from server.env import (
    database_from_url,
    env_bool,
    env_choice,
    env_choices,
    env_colour,
    env_int,
    env_list,
    env_matching,
    env_numbers,
    env_skip,
    env_text,
    env_time_zone,
    require_in_production,
)

ROOT = Path(__file__).resolve().parents[2]
NAME = "COVERLIFT_A_TEST"


def test_unset_and_empty_give_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv(NAME, value)
        assert env_text(NAME, "text") == "text"
        assert env_list(NAME, ["a"]) == ["a"]
        assert env_bool(NAME, default=True) is True
        assert env_int(NAME, 7, minimum=1) == 7


@pytest.mark.parametrize(("text", "value"), [("1", True), ("TRUE", True), ("0", False)])
def test_a_yes_or_no_is_read(monkeypatch: pytest.MonkeyPatch, text: str, *, value: bool) -> None:
    monkeypatch.setenv(NAME, text)
    assert env_bool(NAME, default=not value) is value


def test_a_yes_that_is_not_1_or_true_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "yes")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} == 'yes', must be 0, 1"):
        env_bool(NAME, default=False)


def test_a_choice_is_read_and_anything_else_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_choice(NAME, "b", ("a", "b")) == "b"
    monkeypatch.setenv(NAME, "a")
    assert env_choice(NAME, "b", ("a", "b")) == "a"
    monkeypatch.setenv(NAME, "A")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} == 'A', must be a or b"):
        env_choice(NAME, "b", ("a", "b"))


def test_matching(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_matching(NAME, "b", "[ab]", "a or b") == "b"
    monkeypatch.setenv(NAME, "ab")
    with pytest.raises(ImproperlyConfigured, match="must look like a or b"):
        env_matching(NAME, "b", "[ab]", "a or b")


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "0", "٣"])
def test_a_number_that_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ImproperlyConfigured, match="must be a whole number >= 1"):
        env_int(NAME, 7, minimum=1)


def test_lists_and_numbers_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " a, b ,,")
    assert env_list(NAME, []) == ["a", "b"]
    monkeypatch.setenv(NAME, "12")
    assert env_int(NAME, 7, minimum=1) == 12


def test_a_database_address_is_taken_apart() -> None:
    settings = database_from_url("postgres://us%40er:p%2Fw@db.example:6543/na%20me")
    assert settings["USER"] == "us@er"
    assert settings["PASSWORD"] == "p/w"
    assert (settings["HOST"], settings["PORT"]) == ("db.example", 6543)
    assert settings["NAME"] == "na me"
    assert (settings["CONN_MAX_AGE"], settings["CONN_HEALTH_CHECKS"]) == (None, True)


def test_options_that_the_broker_would_not_see_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="PGSSLMODE=require, which every connection"):
        database_from_url("postgresql://db.example/name?sslmode=require")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:secret@db.example/name",
        "db.example/name",
        "postgres://db.example",
        "postgres://db.example:port/name",
        "postgres://user:sec#ret@db.example/name",
        "",
    ],
)
def test_a_wrong_database_address_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        database_from_url(url)
    begins = url.partition(":")[0]
    assert f"DATABASE_URL begins with {begins!r}, must look like postgres://" in str(refused.value)
    assert "sec" not in str(refused.value)


def test_production_names_every_variable_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "set")
    require_in_production(NAME)
    with pytest.raises(ImproperlyConfigured, match="COVERLIFT_B, COVERLIFT_C are not set"):
        require_in_production(NAME, "COVERLIFT_B", "COVERLIFT_C")


@pytest.mark.parametrize(("text", "skip"), [("2.5", (2.5, 0)), ("5%", (0, 0.05)), ("0", (0, 0))])
def test_an_intro_is_seconds_or_percent(
    monkeypatch: pytest.MonkeyPatch, text: str, skip: tuple[float, float]
) -> None:
    monkeypatch.setenv(NAME, text)
    assert env_skip(NAME, "2") == skip


@pytest.mark.parametrize("text", ["-1", "5 s", "nan", "inf", "100%", "%", "1e3"])
def test_what_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ImproperlyConfigured, match=r"must be seconds as 2\.5 or percent"):
        env_skip(NAME, "2")


@pytest.mark.parametrize("text", ["1,2", "1,2,3,4", "1,x,3", "1,nan,3"])
def test_so_many_numbers_are_asked_for(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert env_numbers(NAME, "6,1,1") == (6, 1, 1)
    monkeypatch.setenv(NAME, "0.5, -2,3")
    assert env_numbers(NAME, "6,1,1") == (0.5, -2, 3)
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ImproperlyConfigured, match="must be 3 numbers by commas"):
        env_numbers(NAME, "6,1,1")


def test_several_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_choices(NAME, [], ("mp4", "avif")) == []
    monkeypatch.setenv(NAME, "avif, mp4")
    assert env_choices(NAME, [], ("mp4", "avif")) == ["avif", "mp4"]
    monkeypatch.setenv(NAME, "avif,gif")
    with pytest.raises(ImproperlyConfigured, match="names 'gif', must be of mp4, avif"):
        env_choices(NAME, [], ("mp4", "avif"))


def test_a_colour_is_written_as_in_web_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_colour(NAME, "#ffffff") == (255, 255, 255)
    monkeypatch.setenv(NAME, "#10a0Ff")
    assert env_colour(NAME, "#ffffff") == (16, 160, 255)
    for text in ("white", "#fff", "#1234567", "12a0ff"):
        monkeypatch.setenv(NAME, text)
        with pytest.raises(ImproperlyConfigured, match="must be like #ffffff"):
            env_colour(NAME, "#ffffff")


@pytest.mark.parametrize(
    ("extractor", "weights"), [("3d-resnet-50", ""), ("efficientnet-lite0", "r3d50.pth")]
)
def test_an_extractor_and_its_weights_are_named_together(extractor: str, weights: str) -> None:
    environment = {
        **os.environ,
        "COVERLIFT_EXTRACTOR": extractor,
        "COVERLIFT_EXTRACTOR_WEIGHTS": weights,
        "PYTHONPATH": str(ROOT / "platform"),
    }
    started = subprocess.run(
        [sys.executable, "-c", "import server.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3d-resnet-50 must be given weights" in started.stderr


def test_a_secret_is_read_from_the_file_that_its_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("COVERLIFT_SECRET_KEY_FILE", str(tmp_path / "secret"))
    assert env_text("COVERLIFT_SECRET_KEY", "default") == "from a file"
    require_in_production("COVERLIFT_SECRET_KEY")
    monkeypatch.setenv("COVERLIFT_SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="COVERLIFT_SECRET_KEY_FILE == "):
        env_text("COVERLIFT_SECRET_KEY", "default")


def test_a_time_zone_is_read_and_anything_else_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_time_zone(NAME, "UTC") == "UTC"
    monkeypatch.setenv(NAME, "Europe/Berlin")
    assert env_time_zone(NAME, "UTC") == "Europe/Berlin"
    for text in ("Berlin", "../etc/passwd"):
        monkeypatch.setenv(NAME, text)
        with pytest.raises(ImproperlyConfigured, match=f"{NAME} == .*, must be a time zone such"):
            env_time_zone(NAME, "UTC")
