import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thumbnailer.video.self_similarity import (
    LAGS_TICKS,
    REACH_TICKS,
    SIZES,
    cell_histograms,
    looks_of,
    point_means,
    self_similarity,
    tone_histograms,
)

LAGS = len(LAGS_TICKS)


def looks(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    grays = pictures.astype(np.float32) / np.float32(255)
    return looks_of(pictures, grays, np.zeros_like(grays))


def plain(*tones: int) -> NDArray[np.uint8]:
    return np.stack([np.full((36, 64), tone, np.uint8) for tone in tones])


@given(st.integers(0, 2**32 - 1), st.integers(0, 64))
def test_a_picture_of_two_parts_has_the_mixture_of_their_histograms(seed: int, edge: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (2, 36, 64), dtype=np.uint8)
    gradients = rng.uniform(0, 5.6, (2, 36, 64)).astype(np.float32)
    of_each = tone_histograms(np.repeat(pictures, 2, axis=2)[:, :, ::2], gradients)
    left, right = (tone_histograms(pictures[:1, :, part], gradients[:1, :, part])
                   if 0 < edge < 64 else of_each[:1]
                   for part in (slice(edge), slice(edge, 64)))  # fmt: skip
    share = edge / 64
    np.testing.assert_allclose(share * left + (1 - share) * right, of_each[:1], atol=1e-5)


def test_pixels_are_counted_up_to_each_tone_by_their_gradients() -> None:
    picture = np.zeros((1, 4, 8), np.uint8)
    picture[0, :, :2] = 255
    gradients = np.zeros((1, 4, 8), np.float32)
    gradients[0, 0], gradients[0, 1] = 0.11, 5.6
    shares = tone_histograms(picture, gradients).reshape(6, 8)
    assert shares[:, -1].tolist() == [0.5, 0, 0.25, 0, 0, 0.25]
    assert shares[0].tolist() == [0.375] * 7 + [0.5]


@pytest.mark.parametrize("shape", [(36, 64), (26, 55), (36, 20), (9, 16)])
def test_parts_have_their_means_and_histograms_whatever_the_shape(shape: tuple[int, int]) -> None:
    picture = np.zeros((1, *shape), np.uint8)
    picture[0, -1, -1] = 255
    means = point_means(picture.astype(np.float32)).reshape(9, 16)
    cells = cell_histograms(picture).reshape(4, 6, 6)
    assert np.argwhere(means).tolist() == [[8, 15]]
    assert (cells[..., -1] == 1).all()
    assert np.argwhere(cells[..., 0] < 1).tolist() == [[3, 5]]
    assert (point_means(np.full((1, *shape), 0.5, np.float32)) == 0.5).all()


@pytest.mark.parametrize("size", [1, 3])
def test_pictures_of_a_few_pixels_have_looks(size: int) -> None:
    assert np.isfinite(looks(np.full((2, size, size), 99, np.uint8))).all()


def test_distances_stand_midway_between_the_pictures() -> None:
    numbers = self_similarity(looks(plain(*[0] * 30, *[255] * 30))).reshape(60, len(SIZES), LAGS)
    for column, lag in enumerate(LAGS_TICKS):
        apart = np.flatnonzero(numbers[:, 2, column])
        assert apart.tolist() == list(range(30 - lag + lag // 2, 30 + lag // 2))
    assert set(numbers[:, 2].ravel().tolist()) == {0, 1}  # the root of the difference of means
    assert (numbers[:, 3] == 0).all()  # of gradients


def test_they_reach_so_far_and_no_further() -> None:
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (60, 36, 64), dtype=np.uint8)
    other = pictures.copy()
    other[40:] = rng.integers(0, 256, (20, 36, 64), dtype=np.uint8)
    changed = (self_similarity(looks(pictures)) != self_similarity(looks(other))).any(axis=1)
    assert np.flatnonzero(changed)[0] == 40 - REACH_TICKS


@pytest.mark.parametrize("ticks", [1, 2, 24, 25])
def test_a_film_too_short_for_a_lag_has_none_of_its_distances(ticks: int) -> None:
    numbers = self_similarity(looks(plain(*range(0, 10 * ticks, 10))))
    present = (numbers.reshape(ticks, len(SIZES), LAGS)[:, 2] > 0).all(axis=0)
    assert present.tolist() == [lag < ticks for lag in LAGS_TICKS]
