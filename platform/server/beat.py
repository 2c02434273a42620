"""The clock of regular tasks, for a machine whose own clock may be set back.

Celery's scheduler keeps the time of each task's last run. Set back, that time lies ahead, and the
task would wait until then.
"""

from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Celery's, which begins anew from the present where a last run lies ahead."""

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due, and return how many seconds to wait."""
        ahead: list[Any] = [entry for entry in self.schedule.values() if _lies_ahead(entry)]
        for entry in ahead:
            entry.last_run_at = entry.schedule.now()
        if ahead:
            self.populate_heap()
        return float(super().tick(*arguments, **options))


def _lies_ahead(entry: Any) -> bool:
    aware = entry.schedule.maybe_make_aware
    return bool(aware(entry.last_run_at) > aware(entry.schedule.now()))
