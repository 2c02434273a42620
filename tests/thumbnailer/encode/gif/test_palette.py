"""Palettes: exact for few colours, near and deterministic for many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thumbnailer.encode.moving import few_colours, moving_scene
from thumbnailer.encode.gif.palette import PLACES, SPREAD, exact_palette, k_means_palette
from thumbnailer.encode.parts.colour import to_rgb, to_ycbcr


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 255), st.integers(0, 2**32 - 1))
def test_few_colours_are_kept_exactly(colours: int, seed: int) -> None:
    pixels = few_colours(np.random.default_rng(seed), (1, 20, 30), colours).reshape(-1, 3)

    palette = exact_palette(pixels)

    assert palette is not None
    np.testing.assert_array_equal(palette.rgb[palette.nearest], pixels)
    assert len(palette.rgb) == len(np.unique(pixels, axis=0))


def test_colours_of_one_place_are_told_apart() -> None:
    packed = np.arange(1 << 24, dtype=np.int64)
    alike = packed[(packed * SPREAD >> 16) % PLACES == PLACES - 1][:200]
    pixels = np.stack([alike >> 16, alike >> 8 & 255, alike & 255], axis=1).astype(np.uint8)
    twice = np.concatenate([pixels, pixels[::-1]])

    palette = exact_palette(twice)

    assert palette is not None
    np.testing.assert_array_equal(palette.rgb, pixels)
    np.testing.assert_array_equal(palette.rgb[palette.nearest], twice)


def test_256_colours_are_too_many() -> None:
    grey = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)

    assert exact_palette(grey) is None
    assert exact_palette(grey[1:]) is not None


@settings(max_examples=100, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_come_back_from_ycbcr(rgb: tuple[int, int, int]) -> None:
    pixel = np.array([rgb], np.uint8)

    np.testing.assert_array_equal(to_rgb(to_ycbcr(pixel)), pixel)


def test_primaries_are_as_in_bt_601() -> None:
    red_green_blue = np.diag([255, 255, 255]).astype(np.uint8)

    expected = [
        [76.245, -43.027, 127.5],
        [149.685, -84.473, -106.769],
        [29.07, 127.5, -20.731],
    ]
    np.testing.assert_allclose(to_ycbcr(red_green_blue), expected, atol=0.01)


def test_separate_clusters_are_found() -> None:
    rng = np.random.default_rng(3)
    centres = np.array([[20, 20, 20], [230, 30, 30], [30, 230, 30], [30, 30, 230]])
    pixels = centres.repeat(200, axis=0) + rng.integers(-5, 6, (800, 3))
    ycbcr = to_ycbcr(pixels.astype(np.uint8))

    palette = k_means_palette(ycbcr, np.ones(800, np.float32), 4)

    assert sorted(np.bincount(palette.nearest)) == [200] * 4
    assert np.abs(palette.rgb[palette.nearest].astype(int) - pixels).max() <= 12


@pytest.mark.parametrize("colours", [1, 16, 127, 255])
def test_more_colours_err_less_and_all_are_within_bounds(colours: int) -> None:
    ycbcr = to_ycbcr(moving_scene().reshape(-1, 3))
    weights = np.ones(len(ycbcr), np.float32)

    palette = k_means_palette(ycbcr, weights, colours)
    coarser = k_means_palette(ycbcr, weights, max(1, colours // 2))

    def error(rgb: np.ndarray) -> float:
        return float(np.mean((to_ycbcr(rgb) - ycbcr) ** 2))

    assert len(palette.rgb) <= colours
    assert palette.nearest.max() < len(palette.rgb)
    assert error(palette.rgb[palette.nearest]) <= error(coarser.rgb[coarser.nearest])
