"""Event storage: the engine that keeps events, and the one door to it."""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from experiments.events.store.base import EventStore
from experiments.events.store.postgres import PostgresStore

if TYPE_CHECKING:
    from experiments.events.store.engine import Engine


def refusal(address: str) -> str:
    """Return why events cannot be kept at an address, which it does not tell, or nothing."""
    kind, _, where = address.partition(":")
    begins = f"COVERLIFT_EVENTS, which begins with {kind!r},"
    if address == "postgres":
        return ""
    package = {"chdb": "chdb", "clickhouse": "clickhouse_connect"}.get(kind)
    if package is None or not (where if kind == "chdb" else urlsplit(address).path.strip("/")):
        return (
            f"{begins} must be postgres, chdb:FOLDER or clickhouse://HOST[:PORT][,HOST…]/DATABASE"
        )
    if find_spec(package) is None:
        return f"{begins} needs `pip install -r requirements-clickhouse.txt`"
    return ""


def event_store() -> EventStore:
    """Return this process's store of events, as ``COVERLIFT_EVENTS`` names it."""
    return opened(settings.EVENTS)


@cache
def opened(address: str) -> EventStore:
    """Return this process's store at an address, as ``COVERLIFT_EVENTS`` would name it.

    Raises:
        ImproperlyConfigured: where events cannot be kept there.
    """
    why = refusal(address)
    if why:
        raise ImproperlyConfigured(why)
    if address == "postgres":
        return PostgresStore()
    from experiments.events.store.clickhouse import ClickHouseStore  # noqa: PLC0415  optional

    kind, _, where = address.partition(":")
    return ClickHouseStore(_embedded(Path(where)) if kind == "chdb" else _servers(address))


def _embedded(folder: Path) -> Sequence["Engine"]:
    from experiments.events.store.embedded import Embedded  # noqa: PLC0415  of optional packages

    return [Embedded(folder)]


def _servers(address: str) -> Sequence["Engine"]:
    """Return a shard for each host of an address; user and password are the first one's."""
    from experiments.events.store.server import Server  # noqa: PLC0415  of optional packages

    url = urlsplit(address)
    user, _, hosts = url.netloc.rpartition("@")
    return [
        Server(url._replace(netloc=f"{user}@{host}" if user else host)) for host in hosts.split(",")
    ]
