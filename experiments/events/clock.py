"""One clock for all processes: the database's."""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from experiments.events.keys import EPOCH

CLOCK_GOOD_FOR_S = 600.0


class DatabaseClock:
    """The database's clock, kept by this process's monotonic one between two looks.

    All processes of a site thus agree on the time, and a jump of one machine's clock changes
    neither ids nor the age of tokens. It may lag by the time that a look took, and is never ahead.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._look_again_at_s = -float("inf")
        self._offset_ms = 0.0

    def now_ms(self) -> int:
        """Return the present in ms since 2010."""
        if self._monotonic_s() > self._look_again_at_s:
            self._look()
        return int(self._monotonic_s() * 1000 + self._offset_ms)

    def _look(self) -> None:
        database_ms = (database_now() - EPOCH).total_seconds() * 1000
        looked_at_s = self._monotonic_s()
        self._offset_ms = database_ms - looked_at_s * 1000
        self._look_again_at_s = looked_at_s + CLOCK_GOOD_FOR_S


def database_now() -> datetime:
    """Ask the database for the time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


_clock = DatabaseClock()


def now_ms() -> int:
    """Return the database's present in ms since 2010, without a query as a rule."""
    return _clock.now_ms()
