"""Open days: those of whose impressions tokens still live, counted by what changed.

Counting a whole day for each new event would cost the more, the more a day has. So of open days
the sums by hour, arm and video are kept: an hour with new events is counted anew, the videos of
these events alone where their writer named them, and the days of those videos are added up from
their hours. Sums are replaced, as counts are. Where a day has none yet, all of its hours are
counted; once it is closed they are deleted, and what comes late then has its day counted whole.
"""

from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from experiments.events.count_tables import (
    BY_DAY_OF_HOURS,
    BY_VIDEO_HOUR,
    EVERYTHING,
    Difference,
    Part,
    spans,
)
from experiments.events.keys import DAY_MS, HOURS_A_DAY, time_of
from experiments.models import VideoHourCount


def first_open_day(now_ms: int) -> int:
    """Return the earliest day, from 2010-01-01, that an accepted token can be of."""
    return (now_ms - 1000 * settings.TOKEN_LIFETIME_S) // DAY_MS


def count_open_day(
    cursor: CursorWrapper, day: int, hours: Sequence[int], part: Part
) -> Counter[int]:
    """Count hours of an open day anew and add the day up; return changed rows by cell.

    Args:
        cursor: within a transaction that counts.
        day: counted from 2010-01-01.
        hours: of this day, with new events, counted from 2010.
        part: which videos these events are of.
    """
    if not has_sums(day):
        hours, part = hours_of(day), EVERYTHING
    for first, last in spans(hours):
        BY_VIDEO_HOUR.replace(cursor, first, last, part)
    return BY_DAY_OF_HOURS.replace(cursor, day, day, part)


def sum_differences(cursor: CursorWrapper, day: int, part: Part = EVERYTHING) -> list[Difference]:
    """Return the sums by hour of a day that are not what the events say, where it has any."""
    if not has_sums(day):
        return []
    hours = hours_of(day)
    return BY_VIDEO_HOUR.differences(cursor, hours[0], hours[-1], part)


def hours_of(day: int) -> range:
    """Return the hours of a day, both counted from 2010."""
    return range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY)


def has_sums(day: int) -> bool:
    """Tell whether the sums by hour of a day are kept: of all its hours, or of none."""
    return _sums(day).exists()


def forget_sums(day: int) -> None:
    """Delete the sums by hour of a day; the next rollup that it concerns counts them all."""
    _sums(day).delete()


def close_days_before(day: int) -> None:
    """Delete the sums by hour of the days before this one."""
    VideoHourCount.objects.filter(hour__lt=time_of(day * DAY_MS)).delete()


def _sums(day: int) -> QuerySet[VideoHourCount]:
    start, end = time_of(day * DAY_MS), time_of((day + 1) * DAY_MS)
    return VideoHourCount.objects.filter(hour__gte=start, hour__lt=end)
