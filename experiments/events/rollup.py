"""Rollup: from new events to counts, incremental, exact, and safe to kill at any statement.

Every writer leaves an arrival with the hours and videos that it touched, in the transaction that
stores its events. A rollup takes the arrivals away and counts what they touched anew from the
events, in one transaction. Why no event can slip between: the arrivals are read first, the events
afterwards, so that whatever one of them announced is seen; what commits later leaves its own for
the next time. A rollup that dies rolls back, arrivals and counts together. One that runs twice
finds no arrivals.
docs/events.md has the argument in full.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from experiments.events.clock import now_ms
from experiments.events.count_tables import (
    BY_DAY,
    BY_HOUR,
    EVERYTHING,
    Part,
    begin_counting,
    move_watermarks,
    spans,
)
from experiments.events.keys import DAY_MS, HOURS_A_DAY
from experiments.events.open_days import close_days_before, count_open_day, first_open_day
from experiments.events.refused_counts import count_refused
from experiments.events.store import event_store
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
    event_store().prepare(range(today, today + DAYS_AHEAD + 1))
    with transaction.atomic(), connection.cursor() as cursor:
        begin_counting(cursor)
        close_days_before(first_open)
        hours, part = _take_arrivals(cursor)
        days = {day: list(of) for day, of in groupby(hours, lambda hour: hour // HOURS_A_DAY)}
        cells: set[int] = set()
        for day, touched in days.items():
            cells |= _count_day(cursor, day, touched, part, is_open=day >= first_open)
        move_watermarks(cursor, cells)
        count_refused(cursor)
    return RollupResult(len(hours), len(days))


def _count_day(
    cursor: CursorWrapper, day: int, hours: Sequence[int], part: Part, *, is_open: bool
) -> set[int]:
    """Count what is new in these hours of a day; return the cells whose counts changed."""
    if is_open:
        changed = count_open_day(cursor, day, hours, part)
    else:
        changed = BY_DAY.replace(cursor, day, day, part)
    for first, last in spans(hours):
        changed += BY_HOUR.replace(cursor, first, last)
    return set(changed)


def _take_arrivals(cursor: CursorWrapper) -> tuple[list[int], Part]:
    """Take the arrivals away; return their hours, ascending, and their videos if all name them."""
    cursor.execute(
        "WITH taken AS (DELETE FROM experiments_arrival RETURNING hours, videos)"
        " SELECT ARRAY(SELECT DISTINCT unnest(hours) FROM taken ORDER BY 1),"
        " ARRAY(SELECT DISTINCT unnest(videos) FROM taken),"
        " EXISTS (SELECT FROM taken WHERE videos IS NULL)"
    )
    hours, videos, any_video = cursor.fetchone()
    return hours, EVERYTHING if any_video else {"video": videos}
