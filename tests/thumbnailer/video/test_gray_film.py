import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.video import gray_film
from thumbnailer.video.gray_film import BLOCK_TICKS, GrayFilm


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=12),
    st.integers(1, 9),
    st.integers(0, 2**32 - 1),
)
def test_parts_are_the_pictures_with_what_lies_around_them(
    held: list[int], margin: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (len(held), 3, 5), dtype=np.uint8)
    film = GrayFilm()
    for picture, ticks in zip(pictures, held, strict=True):
        film.add(picture, ticks)
    whole = np.repeat(pictures, held, axis=0)
    at = 0
    for before, own, part in film.parts(margin):
        assert before == min(margin, at)
        assert own <= BLOCK_TICKS
        np.testing.assert_array_equal(part, whole[at - before : at + own + margin])
        at += own
    assert at == len(whole)


def test_long_films_go_to_the_disk_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gray_film, "MOST_IN_MEMORY", 1000)
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (5 * BLOCK_TICKS, 6, 8), dtype=np.uint8)
    film = GrayFilm()
    for picture in pictures:
        film.add(picture, 1)
    back = np.concatenate([part[before : before + own] for before, own, part in film.parts(2)])
    np.testing.assert_array_equal(back, pictures)
