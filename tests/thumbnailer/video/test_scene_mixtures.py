"""Made films: each scene is a landscape of blocks past which the camera flies, 5 pixels a tick."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thumbnailer.video.edge_change_ratio import gradient
from thumbnailer.video.fitness import MOST_RESIDUAL
from thumbnailer.video.measures import measured
from thumbnailer.video.scene_mixtures import (
    OF_HISTOGRAMS,
    OF_MEANS,
    STEADY_TICKS,
    are_mixtures,
    histograms,
    part_means,
)
from thumbnailer.video.transitions import transition_residuals

Pictures = NDArray[np.uint8]  # (T, 36, 64)
TICKS, BEGINS, STEP_PX = 48, 20, 5


def flight(seed: int, low: int, high: int, block_px: int, ticks: int = TICKS) -> Pictures:
    """Return pictures of blocks that are ``low`` to ``high`` bright, all of which are soon gone."""
    rng = np.random.default_rng(seed)
    size = 36 // block_px, (64 + ticks * STEP_PX) // block_px + 1
    land = rng.integers(low, high, size, dtype=np.uint8).repeat(block_px, 0).repeat(block_px, 1)
    return np.stack([land[:36, t * STEP_PX : t * STEP_PX + 64] for t in range(ticks)])


def before() -> Pictures:
    return flight(1, 20, 130, 2)


def after() -> Pictures:
    return flight(2, 90, 240, 3)


def found(film: Pictures) -> NDArray[np.bool_]:
    grays = film.astype(np.float32) / np.float32(255)
    by_tones = are_mixtures(histograms(film, np.hypot(*gradient(grays))), OF_HISTOGRAMS)
    return by_tones | are_mixtures(part_means(grays), OF_MEANS)


def wipe(old: Pictures, new: Pictures, share: float) -> Pictures:
    edge = round(64 * share)
    return np.concatenate([new[:, :edge], old[:, edge:]], axis=1)


def push(old: Pictures, new: Pictures, share: float) -> Pictures:
    edge = round(64 * share)
    return np.concatenate([old[:, edge:], new[:, :edge]], axis=1)


def iris(old: Pictures, new: Pictures, share: float) -> Pictures:
    rows, columns = np.mgrid[-17.5:18, -31.5:32]
    return np.where(np.hypot(rows, columns) < 37 * share, new, old)


def dissolve(old: Pictures, new: Pictures, share: float) -> Pictures:
    return ((1 - share) * old + share * new).astype(np.uint8)


def joined(mix: Callable[[Pictures, Pictures, float], Pictures], ticks: int) -> Pictures:
    shares = np.clip((np.arange(TICKS) - BEGINS + 1) / (ticks + 1), 0, 1)
    pairs = zip(before(), after(), shares, strict=True)
    return np.stack([mix(old, new, share) for old, new, share in pairs])


@pytest.mark.parametrize("ticks", [3, 5, 8, 11])
@pytest.mark.parametrize("mix", [wipe, push, iris, dissolve])
def test_transitions_between_scenes_that_move_are_known(
    mix: Callable[[Pictures, Pictures, float], Pictures], ticks: int
) -> None:
    film = joined(mix, ticks)
    amid = np.arange(BEGINS, BEGINS + ticks)
    called = np.flatnonzero(found(film))
    assert len(set(amid) - set(called)) <= (2 if ticks > 3 else 0)  # the first and the last
    assert set(called) <= set(range(BEGINS - STEADY_TICKS, BEGINS + ticks + STEADY_TICKS))


def test_they_are_not_known_by_what_is_as_long_before_and_after() -> None:
    film = joined(push, 5)
    middle = BEGINS + 2
    assert transition_residuals(film.astype(np.float32) / np.float32(255))[middle] > MOST_RESIDUAL
    assert measured(film)[middle, 5] < MOST_RESIDUAL


def cut() -> Pictures:
    return np.concatenate([before()[:24], after()[24:]])


def cut_within_a_picture() -> Pictures:
    film = cut()
    film[24] = dissolve(before()[24], after()[24], 0.5)
    return film


def shot_of_two_ticks() -> Pictures:
    between = flight(3, 60, 190, 3)
    return np.concatenate([before()[:24], between[24:26], after()[26:]])


def pan_into_the_light() -> Pictures:
    light = np.linspace(0.3, 1, 64 + TICKS * STEP_PX)
    film = flight(4, 100, 240, 2)
    return np.stack([film[t] * light[t * STEP_PX :][:64] for t in range(TICKS)]).astype(np.uint8)


def thing_that_passes() -> Pictures:
    film = before()
    for number in range(7):
        film[20 + number, 4:32, max(0, 12 * number - 24) : 12 * number] = 220
    return film


def flash() -> Pictures:
    film = before()
    film[22:24] = dissolve(film[22:24], np.full_like(film[22:24], 255), 0.7)
    return film


@pytest.mark.parametrize(
    "film",
    [before, after, cut, cut_within_a_picture, shot_of_two_ticks, pan_into_the_light,
     thing_that_passes, flash],
)  # fmt: skip
def test_what_is_no_transition_is_not_called_one(film: Callable[[], Pictures]) -> None:
    assert not found(film()).any()


@given(st.integers(0, 2**32 - 1), st.integers(0, 64))
def test_a_picture_of_two_parts_has_the_mixture_of_their_histograms(seed: int, edge: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (2, 36, 64), dtype=np.uint8)
    gradients = rng.uniform(0, 5.6, (2, 36, 64)).astype(np.float32)
    of_each = histograms(np.repeat(pictures, 2, axis=2)[:, :, ::2], gradients)
    left, right = (histograms(pictures[:1, :, part], gradients[:1, :, part])
                   if 0 < edge < 64 else of_each[:1]
                   for part in (slice(edge), slice(edge, 64)))  # fmt: skip
    share = edge / 64
    np.testing.assert_allclose(share * left + (1 - share) * right, of_each[:1], atol=1e-5)


def test_pixels_are_counted_up_to_each_tone_by_their_gradients() -> None:
    picture = np.zeros((1, 4, 8), np.uint8)
    picture[0, :, :2] = 255
    gradients = np.zeros((1, 4, 8), np.float32)
    gradients[0, 0], gradients[0, 1] = 0.11, 5.6
    shares = histograms(picture, gradients).reshape(6, 8)
    assert shares[:, -1].tolist() == [0.5, 0, 0.25, 0, 0, 0.25]
    assert shares[0].tolist() == [0.375] * 7 + [0.5]


def test_parts_have_their_means_whatever_the_shape() -> None:
    picture = np.zeros((1, 26, 55), np.float32)
    picture[0, 19:, 45:] = 0.5
    means = part_means(picture).reshape(4, 6)
    assert means[3, 5] == 0.5
    assert np.count_nonzero(means) == 1


@pytest.mark.parametrize("ticks", [1, 4, 9, 12])
def test_too_few_pictures_to_tell(ticks: int) -> None:
    assert found(joined(wipe, 3)[:ticks]).tolist() == [False] * ticks
