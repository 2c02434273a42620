"""Recount: history counted anew from the events, when what is counted has changed.

A day at a time, each in one transaction that holds rollups off. Whatever is killed leaves whole
days behind it, old or new, and running it again gives the same. Arrivals are left to the rollups,
which count their hours once more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from experiments.events.count_check import counted_days
from experiments.events.count_tables import EVERYTHING, Part, begin_counting, move_watermarks
from experiments.events.counts_by_time import BY_DAY, BY_HOUR
from experiments.events.keys import HOURS_A_DAY
from experiments.events.open_days import forget_sums
from experiments.events.store import event_store


@dataclass(frozen=True, slots=True)
class Recounted:
    """One day, counted anew.

    Attributes:
        day: counted from 2010-01-01.
        changed: how many rows of counts were taken away or written.
        has_events: False where the day's events are gone: its counts stay what they were.
    """

    day: int
    changed: int
    has_events: bool


def days_to_recount(first: int | None = None, last: int | None = None) -> list[int]:
    """Return the days, from 2010-01-01, that have a table of events or counts, within bounds."""
    return [
        day
        for day in sorted({*event_store().days(), *counted_days()})
        if (first is None or first <= day) and (last is None or day <= last)
    ]


def recount(days: Sequence[int], cells: Sequence[int] | None = None) -> Iterator[Recounted]:
    """Count days anew, one after the other, and yield what became of each.

    Args:
        days: counted from 2010-01-01.
        cells: the cells to count; None for all.
    """
    part = EVERYTHING if cells is None else {"cell": list(cells)}
    for day in days:
        yield _recount_day(day, part)


def _recount_day(day: int, part: Part) -> Recounted:
    first = day * HOURS_A_DAY
    with transaction.atomic(), connection.cursor() as cursor:
        begin_counting(cursor)
        if day not in event_store().days():
            return Recounted(day, 0, has_events=False)
        forget_sums(day)
        changed = BY_DAY.replace(cursor, day, day, part)
        changed += BY_HOUR.replace(cursor, first, first + HOURS_A_DAY - 1, part)
        move_watermarks(cursor, changed)
    return Recounted(day, changed.total(), has_events=True)
