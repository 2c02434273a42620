"""Rollup: from new events to counts, incremental, exact, and safe to kill at any statement.

Every writer leaves an arrival with the hours that it touched, in the transaction that stores its
events. A rollup takes the arrivals away and counts those hours and days anew from the events, in
one transaction. Why no event can slip between: the arrivals are read first, the events afterwards,
so that whatever one of them announced is seen; what commits later leaves its own for the next time.
A rollup that dies rolls back, arrivals and counts together. One that runs twice finds no arrivals.
docs/events.md has the argument in full.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from experiments.events.clock import now_ms
from experiments.events.count_tables import (
    BY_DAY,
    BY_HOUR,
    HOURS_A_DAY,
    begin_counting,
    move_watermarks,
)
from experiments.events.keys import DAY_MS
from experiments.events.partitions import ensure_days
from experiments.events.refused_counts import count_refused
from experiments.models import Arrival

DAYS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class RollupResult:
    """Days and hours that one rollup counted anew.

    Attributes:
        hours: how many hours had new events.
        days: how many days these hours lie in.
    """

    hours: int
    days: int


def uncounted() -> int:
    """Return how many transactions stored events that no rollup has counted yet."""
    return Arrival.objects.count()


def roll_up() -> RollupResult:
    """Bring the counts up to date with every event committed so far."""
    today = now_ms() // DAY_MS
    ensure_days(range(today, today + DAYS_AHEAD + 1))
    with transaction.atomic(), connection.cursor() as cursor:
        begin_counting(cursor)
        hours = _take_arrivals(cursor)
        days = sorted({hour // HOURS_A_DAY for hour in hours})
        cells: set[int] = set()
        for day in days:
            touched = [hour for hour in hours if hour // HOURS_A_DAY == day]
            cells |= set(BY_DAY.replace(cursor, day, day))
            cells |= set(BY_HOUR.replace(cursor, touched[0], touched[-1]))
        move_watermarks(cursor, cells)
        count_refused(cursor)
    return RollupResult(len(hours), len(days))


def _take_arrivals(cursor: CursorWrapper) -> list[int]:
    """Take the arrivals away and return their hours, ascending."""
    cursor.execute(
        "WITH taken AS (DELETE FROM experiments_arrival RETURNING hours)"
        " SELECT DISTINCT unnest(hours) AS hour FROM taken ORDER BY hour"
    )
    return [hour for (hour,) in cursor.fetchall()]
