"""One clock for all processes: the database's."""

import time

from django.db import connection

from experiments.events.keys import EPOCH

CLOCK_GOOD_FOR_S = 600.0


class _Clock:
    """The database's clock, kept by this process's monotonic one between two looks.

    All processes of a site thus agree on the time, and a jump of one machine's clock changes
    neither ids nor the age of tokens.
    """

    def __init__(self) -> None:
        self._looked_at_s = -CLOCK_GOOD_FOR_S
        self._offset_ms = 0.0

    def now_ms(self) -> int:
        """Return the present in ms since 2010."""
        if time.monotonic() - self._looked_at_s > CLOCK_GOOD_FOR_S:
            self.look()
        return int(time.monotonic() * 1000 + self._offset_ms)

    def look(self) -> None:
        """Ask the database for the time."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000")
            database_ms = float(cursor.fetchone()[0]) - EPOCH.timestamp() * 1000
        self._looked_at_s = time.monotonic()
        self._offset_ms = database_ms - self._looked_at_s * 1000


_clock = _Clock()


def now_ms() -> int:
    """Return the database's present in ms since 2010, without a query as a rule."""
    return _clock.now_ms()
