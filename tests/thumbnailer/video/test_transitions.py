"""Made films: each scene is a landscape of blocks past which the camera flies, 5 pixels a tick."""

from collections.abc import Callable
from hashlib import sha256

import numpy as np
import pytest
from numpy.typing import NDArray

from thumbnailer.video.fitness import LEAST_CHANCE
from thumbnailer.video.measures import measured
from thumbnailer.video.transitions import MARGIN_TICKS, NETWORK_TICKS, WEIGHTS, chances

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
    return np.asarray(measured(film)[:, 5] >= LEAST_CHANCE)


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
    assert set(called) <= set(range(BEGINS - 2, BEGINS + ticks + 2))


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


@pytest.mark.parametrize("ticks", [1, 4, 9, 12])
def test_too_few_pictures_to_tell(ticks: int) -> None:
    assert found(joined(wipe, 3)[:ticks]).tolist() == [False] * ticks


def faded(shares: list[float], film: Pictures) -> Pictures:
    """Return the film as dark as the shares say, from tick 20 on; the last share stays."""
    light = np.concatenate([np.ones(20), shares, np.full(TICKS, shares[-1])])[:TICKS]
    return np.asarray(film * light[:, None, None], dtype=np.uint8)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("shares", [[0.75, 0.5, 0.25, 0.0], [0.8, 0.6, 0.4, 0.2, 0.0]])
def test_a_fade_to_black_is_known(shares: list[float], backwards: bool) -> None:
    film = faded(shares, after())
    called = found(film[::-1])[::-1] if backwards else found(film)
    assert set(range(21, 19 + len(shares))) <= set(np.flatnonzero(called))
    assert not called[:18].any()
    assert not called[30:].any()


def test_a_cut_to_black_is_none() -> None:
    assert not found(faded([0.0], after())).any()


def test_a_picture_is_judged_by_those_near_it_alone() -> None:
    rng = np.random.default_rng(3)
    rows = rng.uniform(0.3, 1, (80, 65)).astype(np.float32)
    other = rows.copy()
    other[50:] = rng.uniform(0.3, 1, (30, 65))
    changed = np.flatnonzero(chances(rows) != chances(other))
    assert 50 - MARGIN_TICKS <= changed[0] <= 50 - NETWORK_TICKS


def test_pictures_before_the_first_and_behind_the_last_are_taken_to_be_as_those() -> None:
    rows = np.random.default_rng(3).uniform(0.3, 1, (9, 65)).astype(np.float32)
    held = np.pad(rows, ((20, 20), (0, 0)), mode="edge")
    np.testing.assert_allclose(chances(held)[20:29], chances(rows), atol=1e-6)


def test_a_long_linear_dissolve_is_known_by_arithmetic_alone() -> None:
    rows = np.full((60, 65), 0.5, np.float32)
    rows[30, 61] = 0.19  # how far the picture is from the mean of those four ticks from it
    assert np.flatnonzero(chances(rows) == 1).tolist() == list(range(27, 34))


def test_the_weights_are_those_that_are_listed() -> None:
    listed = WEIGHTS.with_name("SHA256SUMS").read_text().splitlines()
    assert f"{sha256(WEIGHTS.read_bytes()).hexdigest()}  {WEIGHTS.name}" in listed
