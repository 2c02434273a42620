"""Times and videos that are to be counted anew, as the arrivals say that writers left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from django.db.backends.utils import CursorWrapper

from experiments.events.count_tables import EVERYTHING, Part
from experiments.events.keys import HOURS_A_DAY, MINUTES_AN_HOUR

_TAKE = f"""
WITH taken AS (DELETE FROM experiments_arrival RETURNING hours, minutes, videos), minute AS (
    SELECT unnest(minutes) AS minute FROM taken
    UNION
    SELECT hour * {MINUTES_AN_HOUR} + generate_series(0, {MINUTES_AN_HOUR - 1})
    FROM (SELECT DISTINCT unnest(hours) AS hour FROM taken WHERE minutes IS NULL) AS whole
)
SELECT ARRAY(SELECT DISTINCT unnest(hours) FROM taken ORDER BY 1),
    ARRAY(SELECT minute FROM minute ORDER BY 1),
    ARRAY(SELECT DISTINCT unnest(videos) FROM taken),
    EXISTS (SELECT FROM taken WHERE videos IS NULL)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Touched:
    """Times and videos with new events, or others' flags.

    Attributes:
        hours: since 2010, ascending.
        minutes: of these hours, since 2010, ascending.
        part: which videos.
    """

    hours: Sequence[int]
    minutes: Sequence[int]
    part: Part

    @classmethod
    def whole(cls, day: int) -> Self:
        """Return all of a day, which is counted from 2010-01-01."""
        hours = range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY)
        minutes = range(hours.start * MINUTES_AN_HOUR, hours.stop * MINUTES_AN_HOUR)
        return cls(hours, minutes, EVERYTHING)

    def by_day(self) -> dict[int, Self]:
        """Return what is of each day, ascending, counted from 2010-01-01."""
        days = dict.fromkeys(hour // HOURS_A_DAY for hour in self.hours)
        return {day: self._of_day(day) for day in days}

    def _of_day(self, day: int) -> Self:
        hours = [hour for hour in self.hours if hour // HOURS_A_DAY == day]
        return replace(self, hours=hours)

    def minutes_of(self, hour: int) -> list[int]:
        """Return the minutes of an hour, both since 2010."""
        return [minute for minute in self.minutes if minute // MINUTES_AN_HOUR == hour]


def take_arrivals(cursor: CursorWrapper) -> Touched:
    """Take the arrivals away, in a transaction that counts what they say."""
    cursor.execute(_TAKE)
    hours, minutes, videos, is_any_video = cursor.fetchone()
    return Touched(hours, minutes, EVERYTHING if is_any_video else {"video": videos})
