import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests.thumbnailer.made_up import lively_measures, random_measures
from thumbnailer.video.fitness import (
    ALIKE,
    BLACK_BADNESS,
    LENIENCE,
    REORDER_TICKS,
    badness,
    faults,
    names_of_faults,
    tolerable,
)
from thumbnailer.video.measures import SPOTTED


def test_each_fault_is_told_from_the_others() -> None:
    frames = lively_measures(120)
    frames.luma[10] = 0.03
    frames.flatness[30] = 0.9
    frames.sharpness[50] = 0.02
    frames.transition[70] = 0.9
    frames.errors[80], frames.errors[90:] = SPOTTED, 1
    places = {name: np.flatnonzero(degree).tolist() for name, degree in faults(frames).items()}
    assert places == {
        "dark": [10],
        "flat": [30],
        "blurred": [50],
        "in a transition": [70],
        "damaged": list(range(90 - REORDER_TICKS, 120)),  # what was shown before it was coded
        "perhaps damaged": [80],
    }
    assert names_of_faults(frames, slice(0, 60)) == ["dark", "flat", "blurred"]
    assert names_of_faults(frames, slice(11, 30)) == []


def test_faults_have_degrees() -> None:
    frames = lively_measures(24)
    frames.luma[:3] = [0.07, 0.03, 0.0]
    dim, dark, black, *rest = badness(frames)
    assert 0 < dim < 0.1 < dark < black <= BLACK_BADNESS
    assert not any(rest)


def test_damage_is_worse_than_black_and_grows() -> None:
    frames = lively_measures(60)
    frames.luma[0] = frames.sharpness[0] = 0
    frames.flatness[0] = 1
    frames.errors[20:40], frames.errors[40:] = 1, 50
    unfit = badness(frames)
    assert unfit[0] < unfit[22] < unfit[50]


def test_of_pictures_as_flat_as_can_be_black_is_the_worst() -> None:
    """A plain colour and black are both flat and blurred: they must not count as alike."""
    frames = lively_measures(24)
    frames.flatness[:2], frames.sharpness[:2] = 1, 0
    frames.luma[0] = 0
    black, plain, *_ = badness(frames)
    assert black > plain + ALIKE


def test_what_is_just_before_damage_is_better_than_what_is_damaged() -> None:
    """Of a film of which little is left a shot beside the damage is taken, and not the damage."""
    frames = lively_measures(60)
    frames.errors[24:36] = 1
    unfit = badness(frames)
    assert unfit[23 - REORDER_TICKS] == 0
    assert 0 < unfit[24 - REORDER_TICKS] == unfit[23] < 0.6 * unfit[24]
    assert unfit[36] == 0


def test_a_soft_film_is_not_blurred_all_through() -> None:
    frames = lively_measures(60)
    frames.sharpness[:] = 0.05
    frames.sharpness[7] = 0.01
    assert np.flatnonzero(faults(frames)["blurred"]).tolist() == [7]


def test_a_black_film_has_no_division_by_zero() -> None:
    frames = lively_measures(12)
    frames.luma[:] = frames.sharpness[:] = 0
    assert (badness(frames) > 0.9).all()


numbers = arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 2))


@given(numbers, st.integers(1, 5), st.integers(1, 20))
def test_no_more_is_tolerated_than_must_be(
    unfit: NDArray[np.float64], needed: int, wanted: int
) -> None:
    limit = tolerable(unfit, needed=needed, wanted=wanted)
    assert (unfit <= limit).sum() >= min(needed, len(unfit))
    best = np.sort(unfit)[: max(needed, 1)]
    assert limit <= best.max() + LENIENCE
    if (unfit == 0).sum() >= max(needed, wanted):
        assert limit == 0


def test_of_pictures_alike_in_their_faults_all_may_be_chosen() -> None:
    unfit = np.asarray([0.40, 0.41, 0.43, 0.44, 0.47, 0.9])
    assert (unfit <= tolerable(unfit, needed=3, wanted=1)).sum() == 5


@pytest.mark.parametrize("ticks", [1, 40])
def test_every_tick_has_a_badness(ticks: int) -> None:
    found = badness(random_measures(ticks))
    assert found.shape == (ticks,)
    assert ((found >= 0) & (found <= 2)).all()
