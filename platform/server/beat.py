"""The clock of regular tasks: one at a time, on a machine whose own clock may be set back.

Celery's scheduler keeps the time of each task's last run. Set back, that time lies ahead, and the
task would wait until then. And it knows of no other: two clocks would send everything twice. So a
clock sends only while it holds a lock of its database session; a second one waits for its turn.
"""

from typing import Any

from celery.beat import PersistentScheduler
from celery.utils.log import get_logger
from django.db import connection

from experiments import heartbeat
from experiments.advisory_locks import BEAT_LOCK
from experiments.database_away import DATABASE_AWAY

logger = get_logger(__name__)
LOOK_AGAIN_S = 2.0


class Scheduler(PersistentScheduler):
    """Celery's, of which one sends, and which begins anew where a last run lies ahead."""

    _holds_lock = False

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due, where no other clock does, and return how many seconds to wait."""
        if not self._is_the_one():
            heartbeat.touch()
            return LOOK_AGAIN_S
        ahead: list[Any] = [entry for entry in self.schedule.values() if _lies_ahead(entry)]
        for entry in ahead:
            entry.last_run_at = entry.schedule.now()
        if ahead:
            self.populate_heap()
        return float(super().tick(*arguments, **options))

    def _is_the_one(self) -> bool:
        """Tell whether this clock holds the lock; a session that is lost has lost it."""
        if self._holds_lock and connection.is_usable():
            return True
        connection.close()
        held, self._holds_lock = self._holds_lock, _lock()
        if self._holds_lock and not held:
            logger.info("this is the clock that sends regular tasks")
        return self._holds_lock

    def close(self) -> None:
        """Save when each task ran last, and let another clock go on."""
        super().close()
        connection.close()


def _lock() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [BEAT_LOCK])
            return bool(cursor.fetchone() == (True,))
    except DATABASE_AWAY as error:
        logger.warning("no clock can be chosen while the database is away: %s", error)
        return False


def _lies_ahead(entry: Any) -> bool:
    aware = entry.schedule.maybe_make_aware
    return bool(aware(entry.last_run_at) > aware(entry.schedule.now()))
