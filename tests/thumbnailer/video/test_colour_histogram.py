import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.thumbnailer.clips import scene
from thumbnailer.video.colour_histogram import (
    BINS,
    HISTOGRAM_DIM,
    HISTOGRAMS,
    PARTS,
    _hsv,
    colour_histograms,
    pixels_of,
)

channel = st.floats(0, 1, width=32)


@given(st.tuples(channel, channel, channel))
def test_hue_saturation_and_value_are_the_standard_librarys(rgb: tuple[float, ...]) -> None:
    found = [float(plane[0, 0]) for plane in _hsv(np.asarray(rgb, np.float32).reshape(1, 1, 3))]
    wanted = colorsys.rgb_to_hsv(*rgb)
    if max(rgb) - min(rgb) > 1e-4:  # below, hue and saturation are rounding
        assert np.abs((found[0] - wanted[0] + 0.5) % 1 - 0.5) < 1e-3
        assert found[1] == pytest.approx(wanted[1], abs=1e-3)
    assert found[2] == pytest.approx(wanted[2])


def colour_histogram(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(colour_histograms(pixels_of(rgb)[None])[0])


def test_pictures_at_once_have_the_histograms_of_each_alone() -> None:
    pictures = [scene(number, width=64, height=64)(7 * number) for number in range(5)]
    together = colour_histograms(np.stack([pixels_of(each) for each in pictures]))
    assert together.tolist() == [colour_histogram(each).tolist() for each in pictures]
    assert len({tuple(each) for each in together.tolist()}) == 5


def parts(rgb: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]) -> np.ndarray:
    return colour_histogram(rgb).reshape(PARTS, HISTOGRAMS, BINS)


def test_one_colour_fills_one_bin_of_each_colour_histogram() -> None:
    found = parts(np.full((224, 224, 3), (255, 0, 0), np.uint8))
    assert (found[:, 0, 0] == 255).all()  # red is hue 0
    assert (found[:, 1:3, -1] == 255).all()
    assert (found[:, 3] == 0).all()  # nothing slopes


def test_quarters_know_their_own_part_only() -> None:
    picture = np.zeros((224, 224, 3), np.uint8)
    picture[:112, 112:] = (0, 255, 0)  # the second quarter, top right
    saturation = parts(picture)[1:, 1]
    assert saturation[:, -1].tolist() == [0, 255, 0, 0]


@pytest.mark.parametrize("size", [24, 32, 224])
def test_like_looks_like_and_unlike_does_not(size: int) -> None:
    def histogram(number: int, index: int) -> np.ndarray:
        return colour_histogram(scene(number, width=size, height=size)(index)).astype(float)

    same = np.linalg.norm(histogram(1, 0) - histogram(1, 9))
    other = np.linalg.norm(histogram(1, 0) - histogram(2, 0))
    assert histogram(1, 0).shape == (HISTOGRAM_DIM,)
    assert same < other / 2
