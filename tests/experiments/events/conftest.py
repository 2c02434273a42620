"""The embedded ClickHouse, for tests of the stores of events."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from experiments.events import store
from experiments.events.store.base import EventStore
from experiments.events.store.clickhouse import ClickHouseStore
from experiments.events.store.postgres import PostgresStore

if TYPE_CHECKING:
    from experiments.events.store.embedded import Embedded

TABLES = ("events", "viewer_flags")


class DatabaseOf:
    """A database of the engine: a shard of its own, as a process may open no second engine."""

    def __init__(self, engine: "Embedded", name: str) -> None:
        self.engine, self.name = engine, name
        engine.command(f"CREATE DATABASE IF NOT EXISTS {name}")

    def command(self, sql: str) -> None:
        self.engine.command(f"USE {self.name}")
        self.engine.command(sql)

    def query(self, sql: str) -> pa.Table:
        self.engine.command(f"USE {self.name}")
        return self.engine.query(sql)

    def insert(self, table: str, rows: pa.Table) -> None:
        self.engine.command(f"USE {self.name}")
        self.engine.insert(table, rows)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Embedded"]:
    pytest.importorskip("chdb", reason="no chdb here: pip install -r requirements-clickhouse.txt")
    from experiments.events.store.embedded import Embedded  # noqa: PLC0415

    opened = Embedded(tmp_path_factory.mktemp("chdb"))
    yield opened
    opened.close()


@pytest.fixture
def use_shards(
    engine: "Embedded", monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Callable[[int], EventStore]:
    """Return what makes ClickHouse of so many shards, all empty, the place of events.

    Of none, Postgres is.
    """
    postgres = PostgresStore()
    stores: dict[str, EventStore] = {"0 shards": postgres, "postgres": postgres}
    monkeypatch.setattr(store, "opened", stores.__getitem__)

    def use(shards: int) -> EventStore:
        settings.EVENTS = f"{shards} shards"
        if shards:
            of = [DatabaseOf(engine, f"shard_{number}") for number in range(shards)]
            stores[settings.EVENTS] = ClickHouseStore(of)
            for shard in of:
                for table in TABLES:
                    shard.command(f"TRUNCATE TABLE {table}")
        return store.event_store()

    return use
