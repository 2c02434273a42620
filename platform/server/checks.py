"""Django's system checks of settings that are right one by one and wrong together.

`manage.py migrate` and each web server look for `contradictions` first, and an error stops them;
`manage.py check --deploy` looks for `weaknesses` too.
"""

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's name
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection

from experiments.errors import ExperimentError
from experiments.events.store import refusal
from experiments.events.tokens import Signer
from experiments.making.thumbnail_steps import check_selectors
from server.broker import own_queues
from server.env import AMAZON_S3
from server.telemetry import is_installed

DEVELOPMENT_ONLY = "development-only"  # the secrets of development, which everybody can read
VIEWER_KEY = "COVERLIFT_VIEWER_KEY"
SECRET_LENGTH = 32  # characters; 22 of token_urlsafe's hold 128 bits
SECRET_LETTERS = 8  # different ones
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
HOST = re.compile(r"\*|\.?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]")
QUEUE_NAME = re.compile(r"[a-z0-9_]{1,47}")  # as PGMQ stores it and kombu looks for it


@register("settings")
def contradictions(**_: Any) -> list[CheckMessage]:
    """Return the settings that cannot be meant together."""
    looks = (_development, _weak_secrets, _token_keys, _hosts, _broker, _features_queue, _bucket,
             _folders, _skips, _telemetry, _events, _event_log)  # fmt: skip
    return [message for look in looks for message in look()]


def refuse_contradictions() -> None:
    """Refuse to serve by settings that cannot be meant.

    Raises:
        ImproperlyConfigured: naming each with its remedy.
    """
    errors = [message for message in contradictions() if message.is_serious()]
    if errors:
        raise ImproperlyConfigured(" ".join(f"{each.msg} {each.hint}" for each in errors))


@register("settings", deploy=True)
def weaknesses(**_: Any) -> list[CheckMessage]:
    """Return what a site that strangers reach should not have."""
    if not settings.PRODUCTION:
        return [
            Warning(
                "COVERLIFT_ENV == 'development', whose keys everybody knows.",
                hint="Set COVERLIFT_ENV=production where strangers reach the site.",
                id="coverlift.W101",
            )
        ]
    looks = (_public, _weak_viewer_key, _insecure_files, _selectors)
    return [message for look in looks for message in look()]


def _development() -> Iterator[CheckMessage]:
    """Look for what belongs to development in production, and for strangers in development."""
    if settings.PRODUCTION and settings.DEBUG:
        yield Error(
            "COVERLIFT_DEBUG is on in production: an error shows its visitor code and settings.",
            hint="Leave COVERLIFT_DEBUG unset.",
            id="coverlift.E001",
        )
    known = [name for name, secret in _secrets() if secret.startswith(DEVELOPMENT_ONLY)]
    if settings.PRODUCTION and known:
        yield Error(
            f"{', '.join(known)} in production: the secret of development, which everybody knows.",
            hint="docs/settings.md says how to make a random one.",
            id="coverlift.E002",
        )
    strange = sorted(set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS)
    if not settings.PRODUCTION and known and strange:
        yield Warning(
            f"COVERLIFT_ALLOWED_HOSTS names {', '.join(strange)}, and everybody knows the keys of "
            "development.",
            hint="Set COVERLIFT_ENV=production and its keys where strangers reach the site.",
            id="coverlift.W001",
        )


def _weak_secrets() -> Iterator[CheckMessage]:
    """Look for secrets that can be guessed, of those that can be changed any day."""
    weak = [name for name, secret in _secrets() if name != VIEWER_KEY and _is_weak(secret)]
    if settings.PRODUCTION and weak:
        yield Error(
            f"{', '.join(weak)}: under {SECRET_LENGTH} characters or {SECRET_LETTERS} different "
            "ones, which can be guessed.",
            hint="docs/settings.md says how to make a random one; an old token key may stay behind "
            "a new one until its tokens have expired.",
            id="coverlift.E012",
        )


def _is_weak(secret: str) -> bool:
    return len(secret) < SECRET_LENGTH or len(set(secret)) < SECRET_LETTERS


def _token_keys() -> Iterator[CheckMessage]:
    """Look for keys of impressions that cannot be read, and for one id of two keys."""
    try:
        Signer(settings.TOKEN_KEYS, settings.TOKEN_LIFETIME_S)
    except ExperimentError as error:
        yield Error(
            f"COVERLIFT_TOKEN_KEYS: {error}.",
            hint="List keys as id:secret, newest first, by commas.",
            id="coverlift.E003",
        )


def _hosts() -> Iterator[CheckMessage]:
    """Look for hosts with a scheme, port or path: every request for them would be refused."""
    wrong = [host for host in settings.ALLOWED_HOSTS if not HOST.fullmatch(host)]
    if wrong:
        yield Error(
            f"COVERLIFT_ALLOWED_HOSTS names {', '.join(wrong)}, which no request's host can be.",
            hint="Give names alone, without https://, port or path, as example.org.",
            id="coverlift.E004",
        )
    if settings.PRODUCTION and "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "COVERLIFT_ALLOWED_HOSTS == '*': whoever asks may give the site any name.",
            hint="Name the site's hosts.",
            id="coverlift.E013",
        )


def _broker() -> Iterator[CheckMessage]:
    """Look for a broker that is not installed, and for Postgres where no queues are."""
    scheme, separator, address = settings.CELERY_BROKER_URL.partition("://")
    try:
        understood = bool(separator and Connection(settings.CELERY_BROKER_URL).transport)
    except (KeyError, TypeError, ValueError, ImportError):
        understood = False
    if not understood:
        yield Error(
            f"CELERY_BROKER_URL begins with {scheme.partition(':')[0]!r}, which is no broker here.",
            hint="Leave it unset: the database carries tasks; or name another: redis://host:6379/0.",
            id="coverlift.E005",
        )
    elif scheme == "pgmq" and address != settings.DATABASE_URL.partition("://")[2]:
        yield Error(
            "CELERY_BROKER_URL names another database than DATABASE_URL, where the queues are.",
            hint="Leave CELERY_BROKER_URL unset: the site's own database carries the tasks.",
            id="coverlift.E006",
        )


def _features_queue() -> Iterator[CheckMessage]:
    """Look for a queue whose name a broker would change, or which other tasks have."""
    queue, others = settings.FEATURES_QUEUE, own_queues()
    if queue and (queue in others or not QUEUE_NAME.fullmatch(queue)):
        yield Error(
            f"COVERLIFT_FEATURES_QUEUE == {queue!r}, must be up to 47 small letters, digits and _, "
            f"and not {' or '.join(map(repr, others))}, the queues of all other tasks.",
            hint="Call it features, or leave it unset: each worker then extracts features itself.",
            id="coverlift.E007",
        )


def _bucket() -> Iterator[CheckMessage]:
    """Look for a bucket that is set up by half."""
    idle = {
        "COVERLIFT_S3_ENDPOINT": settings.S3_ENDPOINT != AMAZON_S3,
        "COVERLIFT_S3_PUBLIC_URL": bool(settings.S3_PUBLIC_URL),
    }
    if any(idle.values()) and not settings.S3_BUCKET:
        yield Error(
            f"{', '.join(name for name in idle if idle[name])} without COVERLIFT_S3_BUCKET: files "
            "would go to a local folder.",
            hint="Set COVERLIFT_S3_BUCKET to the bucket's name, or unset the other.",
            id="coverlift.E008",
        )
    credentials = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    missing = [name for name in credentials if not os.environ.get(name)]
    if settings.S3_BUCKET and len(missing) == 1:
        yield Error(
            f"{missing[0]} is not set, and the other half of the bucket's credentials is.",
            hint="Set both, or neither where the machine has a role of its own.",
            id="coverlift.E009",
        )


def _folders() -> Iterator[CheckMessage]:
    """Look for one folder in another: files are published, what is extracted may be emptied."""
    names = ("MEDIA_ROOT", "FEATURES_ROOT", "SPOOL_ROOT", "UPLOADS_ROOT")
    folders = sorted((Path(getattr(settings, name)).resolve(), name) for name in names)
    for (outer, outer_name), (inner, inner_name) in combinations(folders, 2):
        if inner.is_relative_to(outer):
            yield Error(
                f"COVERLIFT_{inner_name} == '{inner}' lies in COVERLIFT_{outer_name} == '{outer}'.",
                hint="Give each a folder of its own, beside the others.",
                id="coverlift.E010",
            )


def _skips() -> Iterator[CheckMessage]:
    """Look for an intro and an outro that leave nothing between them."""
    skipped = settings.SKIP_INTRO[1] + settings.SKIP_OUTRO[1]
    if skipped >= 1:
        yield Error(
            f"COVERLIFT_SKIP_INTRO and COVERLIFT_SKIP_OUTRO are {skipped:.0%} of a video, "
            "so that nothing would be skipped of any.",
            hint="Let both together be less than 100%.",
            id="coverlift.E011",
        )


def _telemetry() -> Iterator[CheckMessage]:
    """Look for errors and traces that nothing installed here could send."""
    if (settings.SENTRY_DSN or settings.TRACES_URL) and not is_installed():
        yield Error(
            "COVERLIFT_SENTRY_DSN or COVERLIFT_TRACES_URL is set, and what would send is missing.",
            hint="pip install -r requirements-telemetry.txt, or unset it.",
            id="coverlift.E014",
        )


def _events() -> Iterator[CheckMessage]:
    """Look for a store of events that is unknown, or whose packages are missing."""
    why = refusal(settings.EVENTS)
    if why:
        yield Error(
            f"{why}.",
            hint="docs/scaling.md says where events can be kept.",
            id="coverlift.E015",
        )


def _event_log() -> Iterator[CheckMessage]:
    """Look for a log that is no log's address, or that nothing installed here could reach."""
    wrong = [url for url in settings.EVENT_LOG if not url.startswith(("nats://", "tls://"))]
    if wrong:
        yield Error(
            f"COVERLIFT_EVENT_LOG names {len(wrong)} servers without nats:// or tls://.",
            hint="Name every server, as nats://log-1:4222,nats://log-2:4222,nats://log-3:4222.",
            id="coverlift.E016",
        )
    elif settings.EVENT_LOG and find_spec("nats") is None:
        yield Error(
            "COVERLIFT_EVENT_LOG is set, and what would reach it is missing.",
            hint="pip install -r requirements-log.txt, or unset it.",
            id="coverlift.E016",
        )


def _public() -> Iterator[CheckMessage]:
    if settings.PUBLIC_REPORTS:
        yield Warning(
            "COVERLIFT_PUBLIC_REPORTS is on in production: everybody can read every result.",
            hint="Leave it unset where only staff should.",
            id="coverlift.W102",
        )


def _weak_viewer_key() -> Iterator[CheckMessage]:
    if _is_weak(settings.VIEWER_KEY):
        yield Warning(
            f"{VIEWER_KEY}: under {SECRET_LENGTH} characters or {SECRET_LETTERS} different ones, "
            "which can be guessed.",
            hint="docs/settings.md says how to make a random one. Beware: another one makes every "
            "viewer a new one.",
            id="coverlift.W104",
        )


def _insecure_files() -> Iterator[CheckMessage]:
    url = settings.S3_PUBLIC_URL or settings.S3_ENDPOINT
    if settings.S3_BUCKET and url.startswith("http://"):
        yield Warning(
            f"the bucket's files are shown from {url}: browsers refuse those on a page of https.",
            hint="Set COVERLIFT_S3_PUBLIC_URL to an address of https.",
            id="coverlift.W105",
        )


def _selectors() -> Iterator[CheckMessage]:
    """Look for selectors that are unknown, or were trained on other features: torch is loaded."""
    try:
        check_selectors()
    except Exception as error:
        if not hasattr(error, "code"):
            raise
        yield Warning(
            f"{error}.",
            hint="No thumbnail can be made by these settings. Where it is only that weights are "
            "not on this machine, run this check where a worker runs.",
            id="coverlift.W106",
        )


def _secrets() -> Iterator[tuple[str, str]]:
    """Yield each secret with the variable that holds it."""
    yield "COVERLIFT_SECRET_KEY", settings.SECRET_KEY
    yield VIEWER_KEY, settings.VIEWER_KEY
    for key in settings.TOKEN_KEYS:
        yield "COVERLIFT_TOKEN_KEYS", key.partition(":")[2]
