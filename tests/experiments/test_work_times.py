"""Times of work in the background are kept."""

import pytest

from experiments.models import Video, WorkTime
from experiments.work_times import StepTimes, timed

pytestmark = pytest.mark.django_db


def noted() -> dict[str, int]:
    return dict(WorkTime.objects.values_list("name", "runs"))


def test_a_task_that_fails_was_not_done() -> None:
    for _ in range(2):
        with timed("roll_up"):
            pass
    with pytest.raises(ValueError, match="no"), timed("roll_up"):
        raise ValueError("no")
    assert noted() == {"roll_up": 2}
    assert WorkTime.objects.get().seconds >= 0


def test_a_step_lasts_until_the_next_or_the_end() -> None:
    times = StepTimes()
    times.begin(Video.MakingStep.PROBE)
    assert noted() == {}
    times.begin(Video.MakingStep.ENCODE)
    assert noted() == {"probe": 1}
    times.end()
    times.end()
    assert noted() == {"probe": 1, "encode": 1}
