"""Events in ClickHouse, divided among shards by viewer: each shard has all of a viewer's events.

A key may be in a shard's table many times: of its rows the first is meant, whenever the others are
merged away (FINAL). Postgres numbers what is stored, and the version by which rows replace one
another falls with that number. What is stored is not Postgres' to roll back: it is announced to
the rollup afterwards, and whoever sends it again, having heard nothing, announces it again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
from django.db import IntegrityError, connection, transaction

from experiments.advisory_locks import PARTITION_LOCK
from experiments.events.archived_days import refuse_more
from experiments.events.arrivals import note
from experiments.events.columns import BYTES, EventColumns, IntArray, distinct
from experiments.events.impressions import Row, View
from experiments.events.keys import DAY_MS, HOUR_MS, MINUTE_MS, first_key, key_ms
from experiments.events.store.base import Columns, EventStore
from experiments.events.store.binary_copy import copy_columns
from experiments.events.store.cubes import SIZES, Cube
from experiments.events.store.dialect import CLICKHOUSE, POSTGRES
from experiments.events.store.engine import Engine

_EVENTS = f"""
CREATE TABLE IF NOT EXISTS events (
    key Int64 CODEC(T64, LZ4), viewer Int64 CODEC(ZSTD(1)), video Int32 CODEC(T64, LZ4),
    cell Int16 CODEC(T64, LZ4), context Int16 CODEC(T64, LZ4), watched_ms Int32 CODEC(T64, LZ4),
    version UInt64 CODEC(DoubleDelta, LZ4)
) ENGINE = ReplacingMergeTree(version) PARTITION BY intDiv(key, {first_key(DAY_MS)}) ORDER BY key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"""
_FLAGS = """
CREATE TABLE IF NOT EXISTS viewer_flags (viewer Int64, day Int64, flags UInt8)
ENGINE = MergeTree ORDER BY (day, viewer)"""
_DAYS = """
SELECT DISTINCT toInt32(partition) AS day FROM system.parts
WHERE active AND database = currentDatabase() AND table = 'events'"""
_VIEW_COLUMNS = ("key", "viewer", "video", "cell", "context")
_LAST_VERSION = 2**63
_FEW = 1_000


class ClickHouseStore(EventStore):
    """Events in one or several ClickHouse engines."""

    sql = CLICKHOUSE
    is_transactional = False
    holds_cubes = True

    def __init__(self, shards: Sequence[Engine]) -> None:
        """Remember the shards and make their tables.

        Args:
            shards: in an order that stays what it is, for it says which viewers are whose.
        """
        self.shards = shards
        for shard in shards:
            shard.command(_EVENTS)
            shard.command(_FLAGS)

    def append(self, rows: Sequence[Row]) -> list[int]:
        """Store rows that are not there, and announce all: a repeat's first may not have been."""
        columns = zip(*((*row[:5], -1 if row[5] is None else row[5]) for row in rows), strict=True)
        events = EventColumns(*(np.array(column, dtype=np.int64) for column in columns))
        new = self.copy_new(events)
        hours, minutes = (
            sorted({key_ms(row[0]) // unit_ms for row in rows}) for unit_ms in (HOUR_MS, MINUTE_MS)
        )
        note(hours, minutes, sorted({row[2] for row in rows}))
        return [int(key) for key in new]

    def copy(self, day: int, parts: Iterable[EventColumns]) -> None:
        """Insert a day's events, a block a part and shard."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [PARTITION_LOCK, day])
        refuse_more(day)
        for events in parts:
            if self._stored(events.key).size:
                raise IntegrityError(f"events of day {day} are stored already")
            self.insert(events)

    def copy_new(self, events: EventColumns) -> IntArray:
        """Insert those events that are not there."""
        new = np.flatnonzero(~np.isin(events.key, self._stored(events.key)))
        if new.size:
            self.insert(events.take(new))
        return events.key[new]

    def holds(self, first: int, last: int) -> bool:
        """Look for any key of a range."""
        found = f"SELECT key FROM events WHERE key BETWEEN {first} AND {last} LIMIT 1"  # noqa: S608
        return bool(self.read(found, ["key"])["key"].size)

    def views(self, keys: Collection[int]) -> list[View]:
        """Read a batch's views by their keys."""
        found = self.many_views(np.array(sorted(keys), dtype=np.int64))
        views: list[View] = list(map(tuple, found.T.tolist()))
        return views

    def many_views(self, keys: IntArray) -> IntArray:
        """Read the views of keys."""
        columns = ", ".join(f"event.{name} AS {name}" for name in _VIEW_COLUMNS)
        found = self.read(self._of_keys(columns, keys), _VIEW_COLUMNS)
        order = np.argsort(found["key"])
        rows = np.stack([found[name][order].astype(np.int64) for name in _VIEW_COLUMNS])
        return rows[:, np.isin(rows[0], keys)]

    def read(self, select: str, columns: Sequence[str]) -> Columns:
        """Return a statement's rows of every shard; one that does not answer is an error."""
        rows = pa.concat_tables([shard.query(select) for shard in self.shards])
        return {
            name: rows[name].to_numpy().astype(f"i{SIZES[name]}", copy=False) for name in columns
        }

    def counted(self, cube: Cube) -> Columns:
        """Return a cube; a group that several shards have is added up."""
        found = super().counted(cube)
        if len(self.shards) == 1 or "viewer" in cube.groups:
            return found
        order = np.lexsort([found[name] for name in cube.groups])
        sorted_ = {name: column[order] for name, column in found.items()}
        changes = [np.diff(sorted_[name], prepend=-1) != 0 for name in cube.groups]
        first = np.flatnonzero(np.logical_or.reduce(changes))
        groups = {name: sorted_[name][first] for name in cube.groups}
        sums = {
            m.name: np.add.reduceat(sorted_[m.name], first) if first.size else sorted_[m.name]
            for m in cube.measures
        }
        return groups | sums

    @contextmanager
    def rows_of(self, cube: Cube) -> Iterator[str]:
        """Copy a cube into a table of Postgres' transaction, but for measures that nothing has."""
        found = self.counted(cube)
        types = {name: POSTGRES.type_of[SIZES[name]] for name in cube.columns}
        sent = {name: found[name] for name in found if name in cube.groups or found[name].any()}
        columns = ", ".join(f"{name} {types[name]}" for name in sent)
        all_ = ", ".join(n if n in sent else f"0::{types[n]} AS {n}" for n in cube.columns)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE counted_rows ({columns})")
            copy_columns(cursor, "counted_rows", sent, SIZES)
            yield f"(SELECT {all_} FROM counted_rows)"  # noqa: S608
            cursor.execute("DROP TABLE counted_rows")

    def days(self) -> set[int]:
        """Return the days that have a partition."""
        return set(self.read(_DAYS, ["day"])["day"].tolist())

    def prepare(self, days: Iterable[int]) -> None:
        """Make nothing: a day's partition comes with its first event."""

    def hold_still(self, day: int) -> None:
        """Wait for those who copy events of a day, and hold others off; no token is as old."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PARTITION_LOCK, day])

    def drop(self, day: int) -> None:
        """Drop a day's partition once it is noted as archived."""
        transaction.on_commit(lambda: self._everywhere(f"ALTER TABLE events DROP PARTITION {day}"))

    def rename_viewer(self, viewer: int, new: int) -> int:
        """Change a viewer's rows; they stay in their shard."""
        count = f"SELECT count(*) AS events FROM events FINAL WHERE viewer = {viewer}"  # noqa: S608
        events = int(self.read(count, ["events"])["events"].sum())
        self._everywhere(f"ALTER TABLE events UPDATE viewer = {new} WHERE viewer = {viewer}")
        self._everywhere(
            f"INSERT INTO viewer_flags SELECT {new}, day, flags FROM viewer_flags"  # noqa: S608
            f" WHERE viewer = {viewer}"
        )
        self._everywhere(f"ALTER TABLE viewer_flags DELETE WHERE viewer = {viewer}")
        return events

    def tell_flags(self, day: int, viewers: IntArray, flags: IntArray) -> None:
        """Put flags into every shard: a viewer who is renamed stays in the old name's."""
        rows = pa.table({
            "viewer": pa.array(viewers, pa.int64()),
            "day": pa.array(np.full(viewers.size, day), pa.int64()),
            "flags": pa.array(flags, pa.uint8()),
        })  # fmt: skip
        for shard in self.shards if viewers.size else ():
            shard.insert("viewer_flags", rows)

    def _everywhere(self, sql: str) -> None:
        for shard in self.shards:
            shard.command(sql)

    def insert(self, events: EventColumns) -> None:
        """Insert events, each into its viewer's shard, all numbered as one."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('experiments_event_order')")
            version = _LAST_VERSION - cursor.fetchone()[0]
        watched = np.full(len(events.key), -1) if events.watched_ms is None else events.watched_ms
        columns = {name: getattr(events, name) for name in BYTES} | {"watched_ms": watched}
        whose = events.viewer % len(self.shards)
        for number, shard in enumerate(self.shards):
            mine = whose == number
            arrays = {
                name: pa.array(column[mine].astype(f"i{BYTES[name]}"))
                for name, column in columns.items()
            }
            arrays["version"] = pa.array(np.full(int(mine.sum()), version, dtype=np.uint64))
            if mine.any():
                shard.insert("events", pa.table(arrays))

    def _stored(self, keys: IntArray) -> IntArray:
        """Return which of some keys are stored."""
        return distinct(self.read(self._of_keys("event.key AS key", keys), ["key"])["key"])

    def _of_keys(self, columns: str, keys: IntArray) -> str:
        """Return the SELECT of events of these keys, and of all between them if they are many."""
        listed = keys.tolist() if keys.size <= _FEW else ()
        few = f" AND event.key IN ({', '.join(map(str, listed))})" if listed else ""
        first, last = int(keys.min(initial=2**63 - 1)), int(keys.max(initial=-1))
        return (
            f"SELECT {columns} FROM {self.sql.events.format(name='event')}"  # noqa: S608
            f" WHERE event.key BETWEEN {first} AND {last}{few}"
        )
