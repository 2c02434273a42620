"""Open days: those of whose impressions tokens still live, counted by what changed.

Counting a whole day for each new event would cost the more, the more a day has. So of open days
the sums by hour, arm and video are kept: an hour with new events is counted anew, the videos of
these events alone where their writer named them, and the days of those videos are added up from
their hours; its last hours are counted by minutes (experiments/events/open_hours.py). Sums are
replaced, as counts are. Where a day has none yet, all of its hours are counted at once, and by
minutes those that hold any; once it is closed they are deleted, and what comes late then has its
day counted whole.
"""

from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from experiments.events.count_tables import EVERYTHING, Difference, Part, spans
from experiments.events.counts_by_time import BY_DAY_OF_HOURS, BY_HOUR, BY_VIDEO_HOUR
from experiments.events.keys import DAY_MS, HOUR_MS, HOURS_A_DAY, ms_of, time_of
from experiments.events.open_hours import count_open_hour, forget_minutes, minute_differences
from experiments.events.touched import Touched
from experiments.models import VideoHourCount


def first_open_day(now_ms: int) -> int:
    """Return the earliest day, from 2010-01-01, that an accepted token can be of."""
    return (now_ms - 1000 * settings.TOKEN_LIFETIME_S) // DAY_MS


def count_open_day(
    cursor: CursorWrapper, day: int, touched: Touched, first_open_hour: int
) -> Counter[int]:
    """Count what is new of an open day anew and add the day up; return changed rows by cell.

    Args:
        cursor: within a transaction that counts.
        day: counted from 2010-01-01.
        touched: of this day.
        first_open_hour: from which on hours are counted by minutes, since 2010.
    """
    if has_sums(day):
        changed = _count_hours(cursor, [h for h in touched.hours if h < first_open_hour], touched)
        by_minutes = [hour for hour in touched.hours if hour >= first_open_hour]
    else:
        forget_minutes(hours_of(day).start, hours_of(day).stop)
        touched = Touched.whole(day)
        changed = _count_hours(cursor, touched.hours, touched)
        by_minutes = _hours_with_sums(day, first_open_hour)
    for hour in by_minutes:
        changed += count_open_hour(cursor, hour, touched)
    return changed + BY_DAY_OF_HOURS.replace(cursor, day, day, touched.part)


def _count_hours(cursor: CursorWrapper, hours: Sequence[int], touched: Touched) -> Counter[int]:
    """Count hours whole, by video and by place; return changed rows by cell."""
    changed = Counter[int]()
    for first, last in spans(hours):
        BY_VIDEO_HOUR.replace(cursor, first, last, touched.part)
        changed += BY_HOUR.replace(cursor, first, last)
    return changed


def sum_differences(cursor: CursorWrapper, day: int, part: Part = EVERYTHING) -> list[Difference]:
    """Return the sums of a day that are not what the events say, where it has any."""
    if not has_sums(day):
        return []
    hours = hours_of(day)
    found = BY_VIDEO_HOUR.differences(cursor, hours[0], hours[-1], part)
    for hour in hours:
        found += minute_differences(cursor, hour, part)
    return found


def hours_of(day: int) -> range:
    """Return the hours of a day, both counted from 2010."""
    return range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY)


def has_sums(day: int) -> bool:
    """Tell whether the sums by hour of a day are kept: of all its hours, or of none."""
    return _sums(day).exists()


def _hours_with_sums(day: int, first: int) -> list[int]:
    """Return the hours of a day, from the first on, that hold any event, as its sums say."""
    times = _sums(day).filter(hour__gte=time_of(first * HOUR_MS)).values_list("hour", flat=True)
    return [ms_of(time) // HOUR_MS for time in times.distinct().order_by("hour")]


def forget_sums(day: int) -> None:
    """Delete the sums of a day; the next rollup that it concerns counts them all."""
    forget_minutes(hours_of(day).start, hours_of(day).stop)
    _sums(day).delete()


def close_days_before(day: int) -> None:
    """Delete the sums by hour of the days before this one."""
    VideoHourCount.objects.filter(hour__lt=time_of(day * DAY_MS)).delete()


def _sums(day: int) -> QuerySet[VideoHourCount]:
    start, end = time_of(day * DAY_MS), time_of((day + 1) * DAY_MS)
    return VideoHourCount.objects.filter(hour__gte=start, hour__lt=end)
