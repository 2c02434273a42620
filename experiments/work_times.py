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


def may_run(task: str, share: float, rest_at_most_s: float) -> bool:
    """Tell whether a regular task has rested as long as keeps it to a share of the time.

    Args:
        task: its name.
        share: of the time, from 0 to 1, that its last run and the rest after it may take.
        rest_at_most_s: after which it runs however long the last run took.
    """
    last = WorkTime.objects.filter(kind=Kind.TASK, name=task).first()
    if last is None:
        return True
    rest_s = min(last.last_s * (1 / share - 1), rest_at_most_s)
    # A clock that was set back since says that it ended in the future.
    return not 0 <= (timezone.now() - last.ended_at).total_seconds() < rest_s


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
        runs=F("runs") + 1,
        seconds=F("seconds") + seconds,
        last_s=seconds,
        ended_at=timezone.now(),
    )
