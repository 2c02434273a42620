"""Made films in which a block is spoilt for a while."""

import numpy as np
import pytest
from numpy.typing import NDArray

from thumbnailer.video.gray_film import BLOCK_TICKS, GrayFilm
from thumbnailer.video.spots import spotted_s
from thumbnailer.video.ticks import TICKS_PER_S

COUNT = 2 * BLOCK_TICKS + 24
KEYFRAMES_S = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
AT = [1, 20, BLOCK_TICKS - 1, BLOCK_TICKS, BLOCK_TICKS + 1, 100]


def pictures() -> NDArray[np.uint8]:
    """Return (T, 36, 64) of a scene in some noise, over which a light wanders."""
    rng = np.random.default_rng(0)
    scene = rng.integers(60, 200, (36 // 4, 64 // 4)).repeat(4, 0).repeat(4, 1)
    film = scene + rng.integers(-5, 6, (COUNT, 36, 64))
    for tick in range(COUNT):
        film[tick, 26:32, tick // 3 : tick // 3 + 6] += 40
    return film.astype(np.uint8)


def found(film: NDArray[np.uint8]) -> list[tuple[float, float]]:
    gray = GrayFilm()
    for picture in film:
        gray.add(picture, 1)
    return spotted_s(gray, KEYFRAMES_S)


def spoilt(at: int, ticks: int = 6) -> NDArray[np.uint8]:
    film = pictures()
    film[at : at + ticks, 8:16, 20:28] = 0
    return film


def amid_darkness(at: int, end: int) -> NDArray[np.uint8]:
    """Return the film with a dark place, and a light in it that is hardly larger than a block."""
    film = pictures()
    film[:, 4:20, 12:36] = 16
    film[at:end, 9:14, 16:20] = 110
    return film


def test_a_film_that_goes_on_has_no_spot() -> None:
    assert found(pictures()) == []


@pytest.mark.parametrize("at", AT)
def test_a_spot_counts_from_where_it_appears_to_the_next_keyframe(at: int) -> None:
    next_s = min(time_s for time_s in [*KEYFRAMES_S, 12.0] if time_s * TICKS_PER_S > at)
    (from_s, to_s), *_ = found(spoilt(at))
    assert from_s == pytest.approx((at - 1) / TICKS_PER_S)
    assert to_s == pytest.approx(next_s)


def test_behind_the_last_keyframe_a_spot_counts_for_a_second() -> None:
    assert found(spoilt(130))[0] == (129 / TICKS_PER_S, 142 / TICKS_PER_S)


@pytest.mark.parametrize("at", AT)
def test_a_spot_that_came_unseen_counts_from_the_last_keyframe_to_where_it_goes(at: int) -> None:
    last_s = max(time_s for time_s in KEYFRAMES_S if time_s * TICKS_PER_S <= at)
    last = round(last_s * TICKS_PER_S)
    film = amid_darkness(last, at + 1)
    film[:last] = 255 - film[:last]  # it comes with a cut, or the film begins with it
    assert found(film) == [(last_s, (at + 1) / TICKS_PER_S)]


def test_a_spot_that_was_seen_to_come_counts_from_there() -> None:
    [(from_s, to_s)] = found(amid_darkness(30, 40))
    assert (from_s, to_s) == (29 / TICKS_PER_S, 4.0)


def test_a_spot_of_one_picture_is_among_them() -> None:
    [(from_s, to_s)] = found(spoilt(30, ticks=1))
    assert from_s <= 30 / TICKS_PER_S
    assert to_s == 4.0


def test_a_fifth_of_the_picture_is_a_spot_and_half_of_it_another_scene() -> None:
    film = pictures()
    film[30:36, 8:24, 20:48] = 0
    assert found(film)[0][0] <= 30 / TICKS_PER_S
    film[30:36, :, :40] = 0
    assert found(film) == []


def test_a_cut_is_no_spot() -> None:
    film = pictures()
    film[50:] = 255 - film[50:]
    assert found(film) == []


def test_a_film_of_one_picture_has_none() -> None:
    assert found(pictures()[:1]) == []
