"""Days of the site's clocks (COVERLIFT_TIME_ZONE), which counts by hour add up to.

Counts are kept by hours of UTC. Where clocks differ from it by a part of an hour, as in India, the
hour around midnight holds views of two days: it counts with the day in which it begins, so that
days are counted from 00:30 to 00:30, and whoever shows them says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings

UTC = "UTC"


def site_minute(moment: datetime) -> str:
    """Return a moment by the site's clocks, with their zone: "2026-10-01 14:30 Europe/Berlin"."""
    return f"{_here(moment):%Y-%m-%d %H:%M} {settings.SITE_TIME_ZONE}"


def site_date(moment: datetime) -> str:
    """Return the day of a moment by the site's clocks."""
    return f"{_here(moment):%Y-%m-%d}"


def _here(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(settings.SITE_TIME_ZONE))


@dataclass(frozen=True, slots=True)
class SiteDays:
    """Whose days they are.

    Attributes:
        time_zone: whose clocks tell them, as "Europe/Berlin".
        begins: the time at which a day's counts begin, "00:00" where hours of UTC are whole hours.
    """

    time_zone: str
    begins: str

    @classmethod
    def at(cls, moment: datetime) -> Self:
        """Return the site's, as its clocks go at a moment."""
        offset = moment.astimezone(ZoneInfo(settings.SITE_TIME_ZONE)).utcoffset() or timedelta()
        minutes = offset // timedelta(minutes=1) % 60
        return cls(settings.SITE_TIME_ZONE, f"00:{minutes:02}")

    @property
    def said(self) -> str:
        """The zone in words, with where a day begins if not at midnight."""
        whole = self.begins == "00:00"
        return self.time_zone if whole else f"{self.time_zone}, {self.begins} to {self.begins}"
