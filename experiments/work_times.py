"""Work in the background, timed: whoever watches the site sees what is slow, and what stands still.

Workers come and go, and their memory with them: so the times are kept in the database.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import F
from django.utils import timezone

from experiments.models import Video, WorkTime

Kind = WorkTime.Kind


@contextmanager
def timed(task: str) -> Iterator[None]:
    """Note that a regular task was done, unless it fails."""
    began_s = time.perf_counter()
    yield
    _note(Kind.TASK, task, time.perf_counter() - began_s)


class StepTimes:
    """Notes how long each step on one video takes, from its beginning to that of the next."""

    def __init__(self) -> None:
        self._step = ""
        self._began_s = 0.0

    def begin(self, step: Video.MakingStep) -> None:
        """End the step before, and begin this one."""
        self.end()
        self._step, self._began_s = step, time.perf_counter()

    def end(self) -> None:
        """End the present step, if there is one."""
        if self._step:
            _note(Kind.STEP, self._step, time.perf_counter() - self._began_s)
        self._step = ""


def _note(kind: Kind, name: str, seconds: float) -> None:
    noted, _made = WorkTime.objects.get_or_create(kind=kind, name=name)
    WorkTime.objects.filter(pk=noted.pk).update(
        runs=F("runs") + 1, seconds=F("seconds") + seconds, ended_at=timezone.now()
    )
