"""A picture fills the thumbnail's shape, is never enlarged, and keeps its middle."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.creative.shape import SMALLEST_HEIGHT, SMALLEST_WIDTH, shape_of
from thumbnailer.errors import PictureTooSmallError, VideoTooLargeError

BOX = (320, 180)
HERE = Path("cover.png")


@pytest.mark.parametrize(
    ("size", "scaled", "kept", "note"),
    [
        ((1280, 720), (320, 180), (320, 180), ""),
        ((320, 180), (320, 180), (320, 180), ""),
        ((800, 600), (320, 240), (320, 180), "25% of its height"),
        ((600, 600), (320, 320), (320, 180), "44% of its height"),
        ((3200, 900), (640, 180), (320, 180), "50% of its width"),
        ((200, 180), (200, 180), (200, 112), "38% of its height"),
    ],
)
def test_the_middle_is_kept(
    size: tuple[int, int], scaled: tuple[int, int], kept: tuple[int, int], note: str
) -> None:
    shape = shape_of(HERE, size, BOX)
    assert (shape.scaled, shape.kept) == (scaled, kept)
    assert shape.note.startswith(note)
    assert bool(shape.note) == bool(note)


def test_as_much_is_cut_off_on_both_sides() -> None:
    shape = shape_of(HERE, (600, 600), BOX)
    rows = np.broadcast_to(np.arange(320)[:, None, None] // 2, (320, 320, 3))
    kept = shape.middle(rows.astype(np.uint8))
    assert (kept[0, 0, 0], kept[-1, 0, 0]) == (35, 124)


@given(st.integers(SMALLEST_WIDTH, 5000), st.integers(SMALLEST_HEIGHT, 5000))
def test_any_size_fits_the_box(width: int, height: int) -> None:
    shape = shape_of(HERE, (width, height), BOX)
    for kept, scaled, box, whole in zip(
        shape.kept, shape.scaled, BOX, (width, height), strict=True
    ):
        assert kept % 2 == scaled % 2 == 0
        assert kept <= box
        assert kept <= scaled <= whole + 1
    assert shape.kept[0] / shape.kept[1] == pytest.approx(16 / 9, rel=0.02)


@pytest.mark.parametrize(
    ("size", "kept"),
    [((640, 360), (640, 360)), ((1280, 720), (640, 360)), ((639, 400), (320, 180)),
     ((640, 359), (320, 180)), ((800, 800), (640, 360))],
)  # fmt: skip
def test_twice_the_size_is_taken_where_there_are_the_pixels(
    size: tuple[int, int], kept: tuple[int, int]
) -> None:
    assert shape_of(HERE, size, BOX, 2).kept == kept


def test_what_is_too_small_or_too_large_is_refused() -> None:
    with pytest.raises(PictureTooSmallError, match="159 x 400 pixels, must be at least 160 x 90"):
        shape_of(HERE, (159, 400), BOX)
    with pytest.raises(VideoTooLargeError, match="make a smaller copy"):
        shape_of(HERE, (8193, 4320), BOX)
