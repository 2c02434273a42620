"""One act for every door: the report says what a map ships and what is held against the control."""

import pytest

from experiments.choice import Choice
from experiments.deciding.decide import decide
from experiments.deciding.follow_up import follow_up
from experiments.errors import InvalidValuesError, StateError
from experiments.models import ShippedPicture
from experiments.serving import allocation_phases
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, add_day, counted_study

pytestmark = pytest.mark.django_db


def test_one_arm() -> None:
    experiment = counted_study()
    made = decide(experiment, "arm", arm="gevaden", holdback=0.1)
    assert (made.choice, made.shipped, made.held_back) == (Choice.ARM, "gevaden", "raw")
    assert allocation_phases.current(made.rollout).cells.order_by("arm__index").values_list(
        "share", flat=True
    )[0] == pytest.approx(0.1)


def test_a_map_is_stored_for_each_video_that_counts() -> None:
    experiment = counted_study()
    made = decide(experiment, "map", why="each its own")
    pictures = ShippedPicture.objects.filter(decision=made)
    assert set(pictures.values_list("video", flat=True)) == set(
        experiment.videos.values_list("pk", flat=True)
    )
    assert set(pictures.values_list("selector", flat=True)) <= {"raw", "re_seq2seq", "gevaden"}


def test_the_control_is_measured_against_the_best_of_the_others() -> None:
    made = decide(counted_study(), "control")
    assert (made.shipped, made.held_back, made.holdback) == ("raw", "gevaden", 0.05)


def test_what_cannot_be_decided_is_refused() -> None:
    with pytest.raises(InvalidValuesError, match="choice == 'coin', must be one of arm, map, con"):
        decide(counted_study(), "coin")
    with pytest.raises(StateError, match="other is running, must be ended to be decided"):
        decide(counted_study(slug="other", ended=False), "map")


def test_the_holdback_goes_on_measuring() -> None:
    experiment = counted_study()
    assert follow_up(experiment) is None
    made = decide(experiment, "arm", arm="gevaden", holdback=0.5)
    add_day(made.rollout, tuple((row[0], row[2]) for row in FOUR_VIDEOS))
    found = follow_up(experiment)
    assert found is not None
    assert found.measured.startswith("shipped ")
    assert "over 4 videos" in found.measured


def test_without_a_holdback_nothing_is_measured() -> None:
    experiment = counted_study()
    decide(experiment, "arm", arm="gevaden", holdback=0.0)
    found = follow_up(experiment)
    assert found is not None
    assert found.measured == "Nobody is held back, so nothing is measured any more."
