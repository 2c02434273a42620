"""What every writer of events needs: partitions, block numbers for ids, and one clock."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from experiments.errors import ExperimentError, NotReadyError
from experiments.events.impressions import BLOCKS, DAY_MS, END_MS, EPOCH, first_key
from experiments.models import IdBlock

# Numbers of Postgres' advisory locks, so that every process means the same one.
PARTITION_LOCK, BLOCK_LOCK, ROLLUP_LOCK, VIDEO_LOCK, TWO_WAY_LOCK = range(20_100_101, 20_100_106)
CLOCK_GOOD_FOR_S = 600.0


class _Clock:
    """The database's clock, kept by this process's monotonic one between two looks.

    All processes of a site thus agree on the time, and a jump of one machine's clock changes
    neither ids nor the age of tokens.
    """

    def __init__(self) -> None:
        self._looked_at_s = -CLOCK_GOOD_FOR_S
        self._offset_ms = 0.0

    def now_ms(self) -> int:
        """Return the present in ms since 2010."""
        if time.monotonic() - self._looked_at_s > CLOCK_GOOD_FOR_S:
            self.look()
        return int(time.monotonic() * 1000 + self._offset_ms)

    def look(self) -> None:
        """Ask the database for the time."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000")
            database_ms = float(cursor.fetchone()[0]) - EPOCH.timestamp() * 1000
        self._looked_at_s = time.monotonic()
        self._offset_ms = database_ms - self._looked_at_s * 1000


_clock = _Clock()


def now_ms() -> int:
    """Return the database's present in ms since 2010, without a query as a rule."""
    return _clock.now_ms()


@dataclass(frozen=True, slots=True)
class Block:
    """A block number that its owner alone may put into ids from ``from_ms`` to ``until_ms``."""

    number: int
    from_ms: int
    until_ms: int


def lease_block(from_ms: int, until_ms: int, owner: str) -> Block:
    """Return a block number that no one else holds in [from_ms, until_ms).

    The same owner gets the same block again, so that an interrupted load can go on.

    Raises:
        ExperimentError: for an empty span, or an owner that holds another one.
        NotReadyError: where all block numbers of that time are taken.
    """
    if not 0 <= from_ms < until_ms <= END_MS:
        raise ExperimentError(f"span == [{from_ms}, {until_ms}), must be within [0, {END_MS})")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BLOCK_LOCK])
        held = IdBlock.objects.filter(owner=owner).first()
        if held is None:
            held = IdBlock.objects.create(
                number=_free_number(from_ms, until_ms),
                from_ms=from_ms,
                until_ms=until_ms,
                owner=owner,
            )
    if (held.from_ms, held.until_ms) != (from_ms, until_ms):
        raise ExperimentError(
            f"{owner!r} holds a block of [{held.from_ms}, {held.until_ms}), "
            "must ask for the same span or under another name"
        )
    return Block(held.number, from_ms, until_ms)


def _free_number(from_ms: int, until_ms: int) -> int:
    taken = set(
        IdBlock.objects.filter(from_ms__lt=until_ms, until_ms__gt=from_ms).values_list(
            "number", flat=True
        )
    )
    free = next((number for number in range(BLOCKS) if number not in taken), None)
    if free is None:
        raise NotReadyError(f"all {BLOCKS} block numbers of this time are taken; try again later")
    return free


def partition_name(day: int) -> str:
    """Return the table of one day, counted from 2010-01-01."""
    return f"experiments_event_{EPOCH + timedelta(days=day):%Y%m%d}"


def ensure_days(days: Iterable[int]) -> None:
    """Make the partitions of these days (counted from 2010-01-01) where they are missing."""
    for day in sorted(set(days)):
        with transaction.atomic(), filling_day(day):
            pass


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
    """
    name = partition_name(day)
    fresh = not _exists(name)
    with connection.cursor() as cursor:
        if fresh:  # only then wait for whoever makes the same day
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PARTITION_LOCK, day])
            fresh = not _exists(name)
        if fresh:
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
