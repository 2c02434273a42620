"""Proof of the counts: all of them, or some cells, counted from the events once more."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from experiments.events.count_tables import Difference, begin_counting
from experiments.events.counts_by_time import BY_DAY, BY_HOUR
from experiments.events.keys import HOURS_A_DAY, day_of
from experiments.events.open_days import sum_differences
from experiments.models import ArchivedDay


def check(days: Sequence[int]) -> list[Difference]:
    """Count days (from 2010-01-01) anew from the events and return what differs.

    Days with events that no rollup has seen yet, or whose events are archived, are left out: they
    differ by right.
    """
    differences: list[Difference] = []
    for day in sorted(set(days) - archived_days()):
        first = day * HOURS_A_DAY
        with _quiet_counts() as cursor:
            found = BY_DAY.differences(cursor, day, day) + sum_differences(cursor, day)
            found += BY_HOUR.differences(cursor, first, first + HOURS_A_DAY - 1)
            # Asked last: what came while it was counted has left its arrival by now.
            differences += [] if day in _waiting(cursor) else found
    return differences


def check_sample(cells: int, seed: int) -> tuple[int, list[Difference]]:
    """Count random cells (day, arm and video) anew from the events.

    Args:
        cells: how many to draw from all counts that no newer event awaits.
        seed: makes the choice repeatable.

    Returns:
        How many cells were drawn, and what differs.
    """
    differences: list[Difference] = []
    with connection.cursor() as cursor:
        drawn = _random_cells(cursor, cells, seed)
    for day, pairs in drawn.items():
        of_cells, of_videos = (sorted(set(column)) for column in zip(*pairs, strict=True))
        part = {"cell": of_cells, "video": of_videos}
        with _quiet_counts() as cursor:
            found = BY_DAY.differences(cursor, day, day, part)
            found += sum_differences(cursor, day, part)
            differences += [] if day in _waiting(cursor) else found
    return sum(map(len, drawn.values())), differences


@contextmanager
def _quiet_counts() -> Iterator[CursorWrapper]:
    """Yield a cursor of a transaction in which no one else changes counts."""
    with transaction.atomic(), connection.cursor() as cursor:
        begin_counting(cursor)
        yield cursor


def counted_days() -> list[int]:
    """Return the days (from 2010-01-01) that have counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT day - date '2010-01-01' FROM experiments_daycount ORDER BY 1"
        )
        return [day for (day,) in cursor.fetchall()]


def archived_days() -> set[int]:
    """Return the days (from 2010-01-01) whose events are in the archive, proved when they went."""
    return set(map(day_of, ArchivedDay.objects.values_list("day", flat=True)))


def _random_cells(cursor: CursorWrapper, count: int, seed: int) -> dict[int, list[tuple[int, int]]]:
    """Return pairs of cell and video by day, drawn by a hash of them and the seed."""
    cursor.execute(
        "SELECT day - date '2010-01-01', cell, video FROM experiments_daycount"
        " WHERE NOT day - date '2010-01-01' = ANY(%s)"
        " ORDER BY hashtextextended(day || '/' || cell || '/' || video, %s), flags LIMIT %s",
        [sorted(_waiting(cursor) | archived_days()), seed, count],
    )
    drawn: dict[int, list[tuple[int, int]]] = {}
    for day, cell, video in cursor.fetchall():
        drawn.setdefault(day, []).append((cell, video))
    return drawn


def _waiting(cursor: CursorWrapper) -> set[int]:
    """Return the days with events that no rollup has seen yet."""
    cursor.execute("SELECT DISTINCT unnest(hours) / %s FROM experiments_arrival", [HOURS_A_DAY])
    return {day for (day,) in cursor.fetchall()}
