import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thumbnailer.video.dissolves import REACH_TICKS, UNMIXED, MixtureMeter, mixture


def picture(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((36, 64), dtype=np.float32)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_a_mean_of_two_is_mixed_and_all_else_as_far_as_it_is_off(seed: int, share: float) -> None:
    before, after = picture(seed), picture(seed + 1)
    now = (1 - share) * before + share * after
    # |now - mean| = |share - 1/2| |after - before| at each pixel.
    assert mixture(before, now, after) == pytest.approx(abs(share - 0.5), abs=1e-5)


def test_pictures_that_are_alike_are_no_transition() -> None:
    assert mixture(picture(0), picture(1), picture(0)) == UNMIXED


def test_ends_and_held_pictures() -> None:
    meter = MixtureMeter()
    meter.add(picture(0), 30)
    meter.add(picture(1), 30)
    found = meter.finish(60)
    assert found.shape == (60,)
    assert found.dtype == np.float32
    # Around the cut the picture is one of the two: half of their distance from the mean.
    near = slice(30 - REACH_TICKS, 30 + REACH_TICKS)
    np.testing.assert_allclose(found[near], 0.5, rtol=1e-5)
    assert (np.delete(found, range(60)[near]) == UNMIXED).all()


@pytest.mark.parametrize("ticks", [0, 1, 2 * REACH_TICKS])
def test_too_few_pictures_to_tell(ticks: int) -> None:
    meter = MixtureMeter()
    if ticks:
        meter.add(picture(0), ticks)
    assert meter.finish(ticks).tolist() == [UNMIXED] * ticks
