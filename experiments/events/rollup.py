"""Rollup: from new events to counts, incremental, exact, and safe to kill at any statement.

Every writer leaves an arrival with the hours, minutes and videos that it touched, in the
transaction that stores its events. A rollup takes the arrivals away and counts what they touched
anew from the events, in one transaction. Why no event can slip between: the arrivals are read
first, the events afterwards, so that whatever one of them announced is seen; what commits later
leaves its own for the next time. A rollup that dies rolls back, arrivals and counts together. One
that runs twice finds no arrivals.
docs/events.md has the argument in full.
"""

from collections import Counter
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from experiments.events.clock import now_ms
from experiments.events.count_tables import begin_counting, move_watermarks, spans
from experiments.events.counts_by_time import BY_DAY, BY_HOUR
from experiments.events.keys import DAY_MS, HOUR_MS, HOURS_A_DAY
from experiments.events.open_days import close_days_before, count_open_day, first_open_day
from experiments.events.open_hours import forget_minutes
from experiments.events.refused_counts import count_refused
from experiments.events.store import event_store
from experiments.events.touched import Touched, take_arrivals
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
    now = now_ms()
    today, first_open = now // DAY_MS, first_open_day(now)
    first_open_hour = max(now // HOUR_MS - 1, first_open * HOURS_A_DAY)
    event_store().prepare(range(today, today + DAYS_AHEAD + 1))
    with transaction.atomic(), connection.cursor() as cursor:
        begin_counting(cursor)
        close_days_before(first_open)
        forget_minutes(0, first_open_hour)
        touched = take_arrivals(cursor)
        days = touched.by_day()
        cells: set[int] = set()
        for day, of_day in days.items():
            if day >= first_open:
                cells |= count_open_day(cursor, day, of_day, first_open_hour).keys()
            else:
                cells |= _count_closed_day(cursor, day, of_day).keys()
        move_watermarks(cursor, cells)
        count_refused(cursor)
    return RollupResult(len(touched.hours), len(days))


def _count_closed_day(cursor: CursorWrapper, day: int, touched: Touched) -> Counter[int]:
    """Count a closed day whole, and its hours with new events; return changed rows by cell."""
    changed = BY_DAY.replace(cursor, day, day, touched.part)
    for first, last in spans(touched.hours):
        changed += BY_HOUR.replace(cursor, first, last)
    return changed
