import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thumbnailer.video.mixtures import (
    LONGEST_REACH_TICKS,
    REACHES_TICKS,
    UNMIXED,
    dissolved,
    mixture_residuals,
    wiped,
)


def picture(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((1, 36, 64), dtype=np.float32)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_a_mean_of_two_is_mixed_and_all_else_as_far_as_it_is_off(seed: int, share: float) -> None:
    before, after = picture(seed), picture(seed + 1)
    now = (1 - share) * before + share * after
    # |now - mean| = |share - 1/2| |after - before| at each pixel.
    assert dissolved(before, now, after) == pytest.approx(abs(share - 0.5), abs=1e-5)


@given(st.integers(0, 2**32 - 1), st.integers(16, 48), st.floats(0, 0.2))
def test_parts_of_two_are_wiped_and_all_else_as_far_as_it_is_off(
    seed: int, edge: int, noise: float
) -> None:
    before, after = picture(seed), picture(seed + 1)
    now = np.concatenate([after[..., :edge], before[..., edge:]], axis=2)
    off = noise * np.abs(after - before) * np.sign(0.5 - now)
    assert wiped(before, now, after) == pytest.approx(0, abs=1e-6)
    assert wiped(before, now + off, after) <= noise + 1e-5


@pytest.mark.parametrize("edge", [0, 4, 60, 64])
def test_a_cut_is_no_wipe(edge: int) -> None:
    now = np.concatenate([picture(1)[..., :edge], picture(0)[..., edge:]], axis=2)
    assert wiped(picture(0), now, picture(1)) == UNMIXED


@pytest.mark.parametrize("step", [5, 20])
def test_a_thing_that_crosses_a_still_picture_is_no_wipe(step: int) -> None:
    empty = np.full((1, 36, 64), 0.2, np.float32)
    pictures = []
    for left in (4, 4 + step, 4 + 2 * step):
        pictures.append(empty.copy())
        pictures[-1][:, 6:30, left : left + 16] = 0.9
    assert wiped(*pictures) >= 0.49


def test_pictures_that_are_alike_are_no_transition() -> None:
    assert dissolved(picture(0), picture(1), picture(0)) == UNMIXED
    assert wiped(picture(0), picture(1), picture(0)) == UNMIXED


def test_ends_and_held_pictures() -> None:
    found = mixture_residuals(np.concatenate([picture(0)] * 30 + [picture(1)] * 30))
    assert found.shape == (60, 6)
    assert found.dtype == np.float32
    for number, reach in enumerate(REACHES_TICKS):
        # Around the cut the picture is one of the two: half of their distance from the mean.
        near = slice(30 - reach, 30 + reach)
        np.testing.assert_allclose(found[near, 2 * number], 0.5, rtol=1e-5)
        assert (np.delete(found[:, 2 * number], range(60)[near]) == UNMIXED).all()
    assert (found[:, 1::2] == UNMIXED).all()


@pytest.mark.parametrize("ticks", [1, 2 * REACHES_TICKS[0], 2 * LONGEST_REACH_TICKS])
def test_too_few_pictures_to_tell(ticks: int) -> None:
    found = mixture_residuals(np.concatenate([picture(0)] * ticks))
    assert found.tolist() == [[UNMIXED] * 6] * ticks
