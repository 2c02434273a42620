"""Open hours: the present one and the one before, counted by the minutes that changed.

Counting a whole hour for each new event would cost the more, the more an hour has, and nearly all
events are of the last minutes. So of these hours the counts by minute are kept: a minute with new
events is counted anew, and its hour is added up from its minutes. Counts are replaced, never added
to. No measure reaches beyond one impression, whose steps are all of one minute. Where an hour has
none yet, all of its minutes are counted; once it is closed they are deleted, and what comes late
has its hour counted whole.
"""

from collections import Counter

from django.db.backends.utils import CursorWrapper

from experiments.events.count_tables import EVERYTHING, Difference, Part, spans
from experiments.events.counts_by_time import (
    BY_HOUR_OF_MINUTES,
    BY_MINUTE,
    BY_VIDEO_HOUR_OF_MINUTES,
    BY_VIDEO_MINUTE,
)
from experiments.events.keys import HOUR_MS, MINUTES_AN_HOUR, time_of
from experiments.events.touched import Touched
from experiments.models import MinuteCount, VideoMinuteCount


def count_open_hour(cursor: CursorWrapper, hour: int, touched: Touched) -> Counter[int]:
    """Count minutes of an open hour anew and add the hour up; return changed rows by cell.

    Args:
        cursor: within a transaction that counts.
        hour: since 2010.
        touched: what is new.
    """
    minutes, part = touched.minutes_of(hour), touched.part
    if not has_minutes(hour):
        minutes, part = list(_minutes_of(hour)), EVERYTHING
    for first, last in spans(minutes):
        BY_MINUTE.replace(cursor, first, last)
        BY_VIDEO_MINUTE.replace(cursor, first, last, part)
    BY_VIDEO_HOUR_OF_MINUTES.replace(cursor, hour, hour, part)
    return BY_HOUR_OF_MINUTES.replace(cursor, hour, hour)


def has_minutes(hour: int) -> bool:
    """Tell whether the counts by minute of an hour are kept: of all its minutes, or of none."""
    start, end = time_of(hour * HOUR_MS), time_of((hour + 1) * HOUR_MS)
    return MinuteCount.objects.filter(minute__gte=start, minute__lt=end).exists()


def forget_minutes(from_hour: int, until_hour: int) -> None:
    """Delete the counts by minute from one hour to another; both are since 2010."""
    start, end = time_of(from_hour * HOUR_MS), time_of(until_hour * HOUR_MS)
    for counts in (MinuteCount, VideoMinuteCount):
        counts.objects.filter(minute__gte=start, minute__lt=end).delete()


def minute_differences(cursor: CursorWrapper, hour: int, part: Part) -> list[Difference]:
    """Return the counts by minute of an hour that are not what the events say, where it has any."""
    if not has_minutes(hour):
        return []
    first, last = _minutes_of(hour)[0], _minutes_of(hour)[-1]
    found = BY_VIDEO_MINUTE.differences(cursor, first, last, part)
    # Those by place know no videos.
    return found if part else found + BY_MINUTE.differences(cursor, first, last)


def _minutes_of(hour: int) -> range:
    return range(hour * MINUTES_AN_HOUR, (hour + 1) * MINUTES_AN_HOUR)
