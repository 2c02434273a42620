"""Events in Postgres: tables by day that its transactions hold, and its own SQL."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import msgspec
import numpy as np
from django.db import IntegrityError, OperationalError, connection, transaction

from experiments.errors import ArchiveError
from experiments.events.columns import EventColumns, IntArray, distinct
from experiments.events.direct import fetch_bigints
from experiments.events.impressions import Row, View
from experiments.events.keys import (
    DAY_MS,
    MINUTE_MS,
    MINUTES_AN_HOUR,
    date_of,
    first_key,
    key_ms,
)
from experiments.events.partitions import ensure_days, filling_day, partition_name, stored_days
from experiments.events.store import cubes
from experiments.events.store.base import Columns, EventStore
from experiments.events.store.binary_copy import copy_columns, copy_into
from experiments.events.store.cubes import SIZES, Cube
from experiments.events.store.dialect import POSTGRES
from experiments.models import Event
from experiments.packed_rows import packed_rows

_STORE = b"""
WITH stored AS (
    INSERT INTO experiments_event (key, viewer, video, cell, context, watched_ms)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::smallint[],
                         $5::smallint[], $6::integer[])
    ON CONFLICT DO NOTHING RETURNING key
), noted AS (
    INSERT INTO experiments_arrival (hours, minutes, videos)
    SELECT $7::integer[], $8::integer[], $9::integer[] WHERE EXISTS (SELECT FROM stored)
)
SELECT array_agg(key) FROM stored
"""
_VIEWS = """
SELECT key, viewer, video, cell, context FROM experiments_event WHERE key = ANY(%s::bigint[])
"""
_VIEW_COLUMNS = ("key", "viewer", "video", "cell", "context")
_MANY_VIEWS = """
SELECT key, viewer, video, cell, context
FROM experiments_event JOIN wanted USING (key) WHERE key BETWEEN {first} AND {last}
"""
_MINUTE_KEYS = first_key(MINUTE_MS)
_encode = msgspec.json.Encoder().encode


class PostgresStore(EventStore):
    """Events in the database that everything else is in."""

    sql = POSTGRES
    is_transactional = True
    holds_cubes = False

    def append(self, rows: Sequence[Row]) -> list[int]:
        """Store rows in one transaction, and their arrival with them."""
        # One order for all writers: two batches that share events cannot wait for each other.
        columns = [_array(column) for column in zip(*sorted(rows), strict=True)]
        minutes = {row[0] // _MINUTE_KEYS for row in rows}
        hours = {minute // MINUTES_AN_HOUR for minute in minutes}
        columns += map(_array, (hours, minutes, {row[2] for row in rows}))
        try:
            return _insert(columns)
        except IntegrityError as error:
            if not _lacks_partition(error):
                raise
        ensure_days(key_ms(row[0]) // DAY_MS for row in rows)
        return _insert(columns)

    def copy(self, day: int, parts: Iterable[EventColumns]) -> None:
        """Send a day's events by binary COPY."""
        with connection.cursor() as cursor, filling_day(day) as table:
            for events in parts:
                copy_into(cursor, table.name, events, freeze=table.fresh)

    def copy_new(self, events: EventColumns) -> IntArray:
        """Store the new events by a table aside: COPY cannot pass over those that are there."""
        ensure_days(distinct(key_ms(events.key) // DAY_MS).tolist())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE staged (LIKE experiments_event) ON COMMIT DROP")
            copy_into(cursor, "staged", events)
            cursor.execute(
                "INSERT INTO experiments_event SELECT * FROM staged ORDER BY key"
                " ON CONFLICT DO NOTHING RETURNING key"
            )
            stored = np.array([key for (key,) in cursor.fetchall()], dtype=np.int64)
            cursor.execute("DROP TABLE staged")
        return stored

    def holds(self, first: int, last: int) -> bool:
        """Look for any key of a range."""
        return Event.objects.filter(key__gte=first, key__lte=last).exists()

    def views(self, keys: Collection[int]) -> list[View]:
        """Read a batch's views by their keys."""
        with connection.cursor() as cursor:
            cursor.execute(_VIEWS, ["{" + ",".join(map(str, keys)) + "}"])
            found: list[View] = cursor.fetchall()
        return found

    def many_views(self, keys: IntArray) -> IntArray:
        """Read the views of keys that are sent by COPY."""
        if not (keys.size and self.holds(int(keys[0]), int(keys[-1]))):
            return np.zeros((5, 0), dtype=np.int64)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE wanted (key bigint) ON COMMIT DROP")
            copy_columns(cursor, "wanted", {"key": keys}, {"key": 8})
            cursor.execute("ANALYZE wanted")
            select = _MANY_VIEWS.format(first=int(keys[0]), last=int(keys[-1]))
            found = self.read(select, _VIEW_COLUMNS)
            cursor.execute("DROP TABLE wanted")
        order = np.argsort(found["key"])
        return np.stack([found[name][order].astype(np.int64) for name in _VIEW_COLUMNS])

    def read(self, select: str, columns: Sequence[str]) -> Columns:
        """Return a statement's rows, packed by Postgres and unpacked by NumPy."""
        return packed_rows(select, {name: SIZES[name] for name in columns})

    @contextmanager
    def rows_of(self, cube: Cube) -> Iterator[str]:
        """Let the statement itself be selected from."""
        yield f"({cubes.counted(self.sql, cube)})"

    def days(self) -> set[int]:
        """Return the days that have a table."""
        return stored_days()

    def prepare(self, days: Iterable[int]) -> None:
        """Make the tables of these days."""
        ensure_days(days)

    def hold_still(self, day: int) -> None:
        """Lock a day's table against writers."""
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {partition_name(day)} IN SHARE MODE")

    def drop(self, day: int) -> None:
        """Drop a day's table; not for long is anyone waited for: all writers would wait behind."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            try:
                cursor.execute(f"DROP TABLE {partition_name(day)}")
            except OperationalError as error:
                raise ArchiveError(
                    f"{date_of(day)} is kept: its table is being read; try again"
                ) from error

    def tell_flags(self, day: int, viewers: IntArray, flags: IntArray) -> None:
        """Tell nothing: counting joins the table of flags itself."""

    def rename_viewer(self, viewer: int, new: int) -> int:
        """Update a viewer's rows."""
        return Event.objects.filter(viewer=viewer).update(viewer=new)


def _insert(columns: list[bytes]) -> list[int]:
    # Alone, one statement is its own transaction: one round trip. Within a caller's it gets a
    # savepoint, so that a missing partition leaves the caller's transaction whole.
    own = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with own:
        return list(fetch_bigints(_STORE, columns))


def _array(column: Iterable[int | None]) -> bytes:
    """Return Postgres' text of an array, which costs less to send than a list.

    Of numbers and nulls it is JSON's but for the brackets.
    """
    return b"{%b}" % _encode(list(column))[1:-1]


def _lacks_partition(error: IntegrityError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == "23514" and "no partition" in str(error)
