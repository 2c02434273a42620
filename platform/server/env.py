"""Read settings from the environment, loudly: a value that cannot be meant is an error."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from dj_database_url import DBConfig
from django.core.exceptions import ImproperlyConfigured

AMAZON_S3 = "https://s3.amazonaws.com"
# What libpq is told of every connection, so that one to a machine that is gone ends.
CONNECTION_LIMITS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def env_text(name: str, default: str) -> str:
    """Return the variable's text, or the default where it is unset or empty."""
    return _value(name) or default


def _value(name: str) -> str:
    """Return the variable's text, or what the file holds that NAME_FILE names: a secret.

    Raises:
        ImproperlyConfigured: where that file cannot be read.
    """
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name, "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE == {file!r} cannot be read: {error}") from error


def env_list(name: str, default: list[str]) -> list[str]:
    """Return the variable's comma-separated parts without blanks."""
    text = _value(name)
    return [part.strip() for part in text.split(",") if part.strip()] or default


def env_time_zone(name: str, default: str) -> str:
    """Return the name of a time zone of the IANA database, as "Europe/Berlin".

    Raises:
        ImproperlyConfigured: for any other text.
    """
    text = env_text(name, default)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{name} == {text!r}, must be a time zone such as Europe/Berlin or UTC"
        ) from error
    return text


def env_bool(name: str, *, default: bool) -> bool:
    """Return true for "1" and "true", false for "0" and "false".

    Raises:
        ImproperlyConfigured: for every other text, so that "yes" is never taken for false.
    """
    text = _value(name).lower()
    if not text:
        return default
    if text not in {"0", "1", "false", "true"}:
        raise ImproperlyConfigured(f"{name} == {text!r}, must be 0, 1, false or true")
    return text in {"1", "true"}


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return the variable's text.

    Raises:
        ImproperlyConfigured: where it is none of the choices.
    """
    text = env_text(name, default)
    if text not in choices:
        raise ImproperlyConfigured(f"{name} == {text!r}, must be {' or '.join(choices)}")
    return text


def env_choices(name: str, default: list[str], choices: tuple[str, ...]) -> list[str]:
    """Return the variable's comma-separated parts.

    Raises:
        ImproperlyConfigured: where one is none of the choices.
    """
    parts = env_list(name, default)
    for part in parts:
        if part not in choices:
            raise ImproperlyConfigured(f"{name} names {part!r}, must be of {', '.join(choices)}")
    return parts


def env_colour(name: str, default: str) -> tuple[int, int, int]:
    """Return the variable, written as in web pages, as red, green and blue from 0 to 255.

    Raises:
        ImproperlyConfigured: where it is not # and six hexadecimal digits.
    """
    text = env_text(name, default)
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise ImproperlyConfigured(f"{name} == {text!r}, must be like #ffffff")
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue


def env_int(name: str, default: int, *, minimum: int) -> int:
    """Return the variable as a whole number of at least ``minimum``."""
    text = _value(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < minimum:
        raise ImproperlyConfigured(f"{name} == {text!r}, must be a whole number >= {minimum}")
    return int(text)


def env_numbers(name: str, default: str) -> tuple[float, ...]:
    """Return the variable as so many numbers as the default has, by commas.

    Raises:
        ImproperlyConfigured: where there are more or fewer, or one is no finite number.
    """
    wanted = len(default.split(","))
    parts = env_list(name, default.split(","))
    number = r"-?[0-9]+(\.[0-9]+)?"
    if len(parts) != wanted or not all(re.fullmatch(number, part) for part in parts):
        raise ImproperlyConfigured(
            f"{name} == {','.join(parts)!r}, must be {wanted} numbers by commas"
        )
    return tuple(map(float, parts))


def env_skip(name: str, default: str) -> tuple[float, float]:
    """Return seconds and share of a length: "2.5" is (2.5, 0), "5%" is (0, 0.05).

    Raises:
        ImproperlyConfigured: where it is neither, or 100 % and more.
    """
    text = env_text(name, default)
    number, percent = text.removesuffix("%").strip(), text.endswith("%")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) or (percent and float(number) >= 100):
        raise ImproperlyConfigured(
            f"{name} == {text!r}, must be seconds as 2.5 or percent of the length as 5%"
        )
    return (0.0, float(number) / 100) if percent else (float(number), 0.0)


def env_matching(name: str, default: str, pattern: str, example: str) -> str:
    """Return the variable's text.

    Raises:
        ImproperlyConfigured: where it does not match the pattern; names the example.
    """
    text = env_text(name, default)
    if not re.fullmatch(pattern, text):
        raise ImproperlyConfigured(f"{name} == {text!r}, must look like {example}")
    return text


def require_in_production(*names: str) -> None:
    """Refuse to start where a variable has no value: none of them has a safe default.

    Raises:
        ImproperlyConfigured: naming every one that is missing.
    """
    missing = [name for name in names if not _value(name)]
    if missing:
        raise ImproperlyConfigured(
            f"COVERLIFT_ENV is production and {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not set: docs/settings.md says what they hold"
        )


def database_from_url(url: str) -> DBConfig:
    """Turn ``postgres://user:password@host:port/name`` into Django's settings of a database.

    Raises:
        ImproperlyConfigured: where the address is not one of a Postgres database, or has options,
            which PGMQ's connections to the same database would not have.
    """
    begins = url.partition(":")[0]  # what follows may be a password
    wrong = ImproperlyConfigured(
        f"DATABASE_URL begins with {begins!r}, must look like "
        "postgres://user:password@host:5432/name, where @ / : # in a password "
        "are written %40 %2F %3A %23"
    )
    try:
        database = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)
    except ValueError as error:
        raise wrong from error
    if database["ENGINE"] != "django.db.backends.postgresql" or not database["NAME"]:
        raise wrong
    if "OPTIONS" in database:
        raise ImproperlyConfigured(
            f"DATABASE_URL sets {', '.join(database['OPTIONS'])} behind a question mark: use the "
            "variables of libpq, such as PGSSLMODE=require, which every connection reads"
        )
    database["ENGINE"], database["OPTIONS"] = "server.database", dict(CONNECTION_LIMITS)
    return database


def media_origins(bucket: str, url: str) -> list[str]:
    """Return where pages may show pictures and films from, beside the site itself."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if bucket else []


def bucket_storage(bucket: str, *, endpoint_url: str, public_url: str) -> dict[str, object]:
    """Return Django's settings of a storage in an S3 bucket.

    Args:
        bucket: its name.
        endpoint_url: the service's address.
        public_url: where viewers find the bucket's files; at the service where empty.

    Raises:
        ImproperlyConfigured: where an address is not one of the web.
    """
    for url in filter(None, (endpoint_url, public_url)):
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise ImproperlyConfigured(f"{url!r}, must look like https://host/path")
    return {
        "BACKEND": "server.bucket.BucketStorage",
        "OPTIONS": {
            "public_url": public_url or f"{endpoint_url.rstrip('/')}/{bucket}",
            "bucket_name": bucket,
            "endpoint_url": endpoint_url,
        },
    }
