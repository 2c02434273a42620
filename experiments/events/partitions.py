"""Partitions: the table of one day's events, made when the first of them comes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from experiments.advisory_locks import PARTITION_LOCK
from experiments.events.archived_days import refuse_more
from experiments.events.keys import DAY_MS, date_of, day_of, first_key


def partition_name(day: int) -> str:
    """Return the table of one day, counted from 2010-01-01."""
    return f"experiments_event_{date_of(day):%Y%m%d}"


def ensure_days(days: Iterable[int]) -> None:
    """Make the partitions of these days (counted from 2010-01-01) where they are missing."""
    for day in sorted(set(days)):
        with transaction.atomic(), filling_day(day):
            pass


def stored_days() -> set[int]:
    """Return the days, from 2010-01-01, that have a table of events, be it empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'experiments_event'::regclass"
        )
        return {day_of(date.fromisoformat(name[-8:])) for (name,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class DayTable:
    """The table that takes one day's events.

    Attributes:
        name: of the table.
        fresh: whether this transaction made it, so that no one else sees it yet.
    """

    name: str
    fresh: bool


@contextmanager
def filling_day(day: int) -> Iterator[DayTable]:
    """Yield the table to put one day's events into, inside a transaction.

    A day without a partition gets a table aside: filled first, indexed then (in half the time of
    both at once), attached last. Attaching waits for no writer and stops none.

    Raises:
        ArchiveError: where the day's events are in the archive.
    """
    name = partition_name(day)
    fresh = not _exists(name)
    with connection.cursor() as cursor:
        if fresh:  # only then wait for whoever makes the same day
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PARTITION_LOCK, day])
            fresh = not _exists(name)
        if fresh:
            refuse_more(day)
            cursor.execute(f"CREATE TABLE {name} (LIKE experiments_event INCLUDING CONSTRAINTS)")
    yield DayTable(name, fresh)
    if fresh:
        _attach(name, day)


def _exists(table: str) -> bool:
    # A query of the catalogue sees what has been committed since; to_regclass() may remember.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_class WHERE relname = %s AND pg_table_is_visible(oid)", [table]
        )
        return cursor.fetchone() is not None


def _attach(name: str, day: int) -> None:
    lower, upper = first_key(day * DAY_MS), first_key((day + 1) * DAY_MS)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        # Keys come in the order of time, but for a few that come late: 21 bytes a row.
        cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (key) WITH (fillfactor = 95)")
        cursor.execute(
            f"ALTER TABLE {name} ADD CONSTRAINT bounds CHECK (key >= {lower} AND key < {upper})"
        )
        cursor.execute(
            f"ALTER TABLE experiments_event ATTACH PARTITION {name}"
            f" FOR VALUES FROM ({lower}) TO ({upper})"
        )
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT bounds")
        # The planner must know that it is large; a look at 300 rows tells it.
        cursor.execute("SET LOCAL default_statistics_target = 1")
        cursor.execute(f"ANALYZE {name}")
