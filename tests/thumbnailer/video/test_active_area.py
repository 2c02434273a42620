import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thumbnailer.results import WHOLE as WHOLE_PART
from thumbnailer.results import Part
from thumbnailer.video.active_area import ActiveArea, BarDetector

WHOLE = ActiveArea(slice(0, 36), slice(0, 64))
SPARE = 0.3  # lines
Film = NDArray[np.uint8]


def noise(ticks: int, seed: int = 0) -> Film:
    return np.random.default_rng(seed).integers(60, 200, (ticks, 36, 64), dtype=np.uint8)


def area_of(film: Film) -> ActiveArea:
    detector = BarDetector()
    for picture in film:
        detector.add(picture, 1)
    return detector.area()


def part_of(film: Film) -> Part:
    detector = BarDetector()
    for picture in film:
        detector.add(picture, 1)
    return detector.part()


def barred(film: Film, top: int, left: int, colour: int = 0) -> Film:
    framed = np.full_like(film, colour)
    framed[:, top : 36 - top, left : 64 - left] = film[:, top : 36 - top, left : 64 - left]
    return framed


@given(st.integers(0, 8), st.integers(0, 16), st.sampled_from([0, 6, 255]))
def test_bars_of_any_colour_are_left_out_with_the_line_beside_them(
    top: int, left: int, colour: int
) -> None:
    found = area_of(barred(noise(24), top, left, colour))
    rows = slice(top + (top > 0), 36 - top - (top > 0))
    columns = slice(left + (left > 0), 64 - left - (left > 0))
    assert found == ActiveArea(rows, columns)


def test_noise_in_a_bar_and_a_logo_for_a_moment_do_not_matter() -> None:
    film = barred(noise(100), 5, 0)
    film[:, :5] += np.random.default_rng(1).integers(0, 9, (100, 5, 64), dtype=np.uint8)
    film[:4] = 220
    assert area_of(film).rows == slice(6, 30)


def test_a_dark_scene_makes_no_bars() -> None:
    film = noise(100)
    film[:90, :8] = 0  # dark above for nine tenths of the film
    assert area_of(film) == WHOLE


@pytest.mark.parametrize("kept", [0, 3])
def test_where_next_to_nothing_would_be_left_all_is_film(kept: int) -> None:
    film = np.zeros((24, 36, 64), np.uint8)
    film[:, 10 : 10 + kept] = noise(24)[:, :kept]
    assert area_of(film) == WHOLE


def test_a_held_picture_counts_as_long_as_it_is_shown() -> None:
    detector = BarDetector()
    detector.add(noise(1)[0], 1)
    detector.add(barred(noise(1), 6, 0)[0], 99)
    assert detector.area().rows == slice(7, 29)


@pytest.mark.parametrize("held", [1, 7])
def test_each_of_many_pictures_counts_as_long_as_it_is_shown(held: int) -> None:
    """Bars are there for just enough of the ticks, or for one too few."""
    pictures = np.concatenate([barred(noise(190), 6, 0), noise(10)])
    for last, found in ((held, slice(7, 29)), (held + 1, slice(0, 36))):
        detector = BarDetector()
        for picture in pictures[:-1]:
            detector.add(picture, held)
        detector.add(pictures[-1], last)
        assert detector.area().rows == found


@given(st.integers(2, 8), st.integers(2, 16), st.sampled_from([0, 6, 255]), st.floats(0, 1))
def test_bars_are_cut_away_to_a_part_of_a_line(
    top: int, left: int, colour: int, share: float
) -> None:
    film = barred(noise(24), top, left, colour)
    mixed = (1 - share) * film[:, top] + share * colour  # half bar, half film
    film[:, top, left:-left] = mixed[:, left:-left].astype(np.uint8)
    part = part_of(film)
    assert part.top * 36 == pytest.approx(top + share, abs=SPARE)
    assert part.bottom * 36 == pytest.approx(36 - top, abs=SPARE)
    assert (part.left * 64, part.right * 64) == pytest.approx((left, 64 - left), abs=SPARE)


def test_a_thing_that_moves_before_a_plain_ground_keeps_the_ground() -> None:
    film = np.full((60, 36, 64), 250, np.uint8)
    rows, columns = np.mgrid[:36, :64]
    for tick, picture in enumerate(film):
        disc = np.hypot(rows - 18, columns - 32 - 6 * np.sin(tick / 9)) < 12
        picture[disc] = noise(1, tick)[0][disc]
    assert area_of(film) != WHOLE
    assert part_of(film) == WHOLE_PART


@pytest.mark.parametrize("turned", [False, True])
def test_a_slide_with_a_chart_at_its_right_keeps_the_ground_beside_it(turned: bool) -> None:
    film = np.full((24, 36, 64), 60, np.uint8)
    film[:, 6:12, 5:40] = noise(1)[:, 6:12, 5:40]  # a title
    film[:, 12:30, 50:53] = 220  # a column as high as three quarters of what is drawn
    assert part_of(film[..., ::-1] if turned else film) == WHOLE_PART


@pytest.mark.parametrize("colour", [0, 255])
def test_a_film_in_a_corner_loses_the_bars_on_two_sides(colour: int) -> None:
    film = np.full((24, 36, 64), colour, np.uint8)
    film[:, :24, :40] = noise(24)[:, :24, :40]
    part = part_of(film)
    assert (part.left, part.top) == (0, 0)
    assert (part.right * 64, part.bottom * 36) == pytest.approx((40, 24), abs=SPARE)


def test_without_bars_nothing_is_cut() -> None:
    assert part_of(noise(24)) == WHOLE_PART
    assert part_of(np.zeros((24, 36, 64), np.uint8)) == WHOLE_PART


def test_a_film_that_is_dim_at_one_edge_loses_both_bars() -> None:
    film = barred(noise(24), 0, 20)
    film[:, :, 40:44] = np.random.default_rng(2).integers(0, 30, (24, 36, 4), dtype=np.uint8)
    part = part_of(film)
    assert (part.left * 64, part.right * 64) == pytest.approx((20, 44), abs=1)


def lettered(film: Film, columns: slice) -> Film:
    """A film between bars of five lines; half of the time there is text in the lower one."""
    film = barred(film, 5, 0)
    for tick in range(0, len(film), 2):
        film[tick, 32:34, columns] = np.random.default_rng(tick).integers(0, 255, (2, 64))[
            :, columns
        ]
    return film


@pytest.mark.parametrize("turned", [False, True])
def test_a_bar_with_subtitles_goes_with_the_plain_one_across(turned: bool) -> None:
    film = lettered(noise(100), slice(10, 50))
    part = part_of(film[:, ::-1] if turned else film)
    assert (part.top * 36, part.bottom * 36) == pytest.approx((5, 31), abs=SPARE)


def test_a_bar_that_is_full_of_letters_is_film() -> None:
    film = lettered(noise(100), slice(0, 64))
    assert part_of(film).bottom == 1
    assert part_of(film).top > 0


def test_letters_below_a_film_without_bars_stay() -> None:
    film = lettered(noise(100), slice(10, 50))
    film[:, :5] = noise(100, 3)[:, :5]
    assert part_of(film) == WHOLE_PART


@given(st.floats(0.3, 1))
def test_a_black_edge_thinner_than_a_line_is_cut_away(share: float) -> None:
    film = noise(24)
    film[:, :, 0] = ((1 - share) * film[:, :, 1]).astype(np.uint8)
    part = part_of(film)
    assert part.left * 64 == pytest.approx(share, abs=SPARE)
    assert (part.top, part.right, part.bottom) == (0, 1, 1)


def test_what_is_dark_at_an_edge_for_a_time_stays() -> None:
    film = noise(100)
    film[:80, :, 0] //= 4
    assert part_of(film) == WHOLE_PART
