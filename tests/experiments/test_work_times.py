"""Times of work in the background are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Video, WorkTime
from experiments.work_times import StepTimes, may_run, timed

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


@pytest.mark.parametrize(
    ("ended_s_ago", "may"), [(1, False), (20, False), (31, True), (-1, True), (-86_400, True)]
)
def test_a_task_rests_as_long_as_its_share_says(ended_s_ago: float, *, may: bool) -> None:
    assert may_run("roll_up", 0.25, rest_at_most_s=60)
    ended_at = timezone.now() - timedelta(seconds=ended_s_ago)
    WorkTime.objects.create(kind="task", name="roll_up", last_s=10, ended_at=ended_at)
    assert may_run("roll_up", 0.25, rest_at_most_s=60) == may
    assert may_run("two_way", 0.25, rest_at_most_s=60)


def test_a_task_does_not_rest_for_ever() -> None:
    with timed("roll_up"):
        pass
    WorkTime.objects.update(last_s=1_000)
    assert not may_run("roll_up", 0.25, rest_at_most_s=60)
    WorkTime.objects.update(ended_at=timezone.now() - timedelta(seconds=61))
    assert may_run("roll_up", 0.25, rest_at_most_s=60)
