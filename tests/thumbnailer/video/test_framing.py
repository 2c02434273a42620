"""Sizes of what is cut: inside the box, in the part's shape, even, and never enlarged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.results import Part
from thumbnailer.video.framing import Framing
from thumbnailer.video.scale import fit

EDGES = st.floats(0, 0.4)
SIDES = st.integers(16, 4000)
BOX = (320, 180)


def kept(framing: Framing, shown: tuple[int, int]) -> tuple[int, int]:
    layout = framing.layout(shown)
    return layout.columns.stop - layout.columns.start, layout.rows.stop - layout.rows.start


@given(SIDES, SIDES)
def test_a_whole_picture_fits_the_box_as_ever(width: int, height: int) -> None:
    layout = Framing(BOX).layout((width, height))
    assert (layout.width, layout.height) == fit(width, height, *BOX)
    assert kept(Framing(BOX), (width, height)) == (layout.width, layout.height)


@given(SIDES, SIDES, st.tuples(EDGES, EDGES), st.booleans(), st.sampled_from([1, 2]))
def test_a_part_lies_inside_itself_and_the_box(
    width: int, height: int, edges: tuple[float, float], turns: bool, most: int
) -> None:
    left, top = edges
    part = Part(left, top, 1 - left, 1 - top)
    layout = Framing(BOX, part, turns=turns, most=most).layout((width, height))
    columns, rows = layout.columns, layout.rows
    sides = (columns.stop - columns.start, rows.stop - rows.start)
    assert sides[0] % 2 == sides[1] % 2 == 0
    assert max(sides) <= most * 322
    for run, full, first in ((columns, layout.width, left), (rows, layout.height, top)):
        assert 0 <= run.start < run.stop <= full
        if run.stop - run.start > 4:
            assert run.start >= first * full - 1e-3
            assert run.stop <= (1 - first) * full + 1e-3


@pytest.mark.parametrize(
    ("shown", "framing", "size"),
    [
        ((1920, 1080), Framing(BOX, most=2), (640, 360)),
        ((1280, 720), Framing(BOX), (320, 180)),
        ((500, 281), Framing(BOX, most=2), (320, 180)),
        ((1080, 1920), Framing(BOX), (102, 180)),
        ((1080, 1920), Framing(BOX, turns=True), (180, 320)),
        ((1920, 1080), Framing((180, 320), turns=True), (320, 180)),
        ((1080, 1920), Framing(BOX, fills=True), (320, 568)),
        ((1080, 1920), Framing(BOX, fills=True, most=2), (640, 1136)),
        ((240, 426), Framing(BOX, fills=True), (240, 426)),
        ((640, 360), Framing(BOX, Part(0.34, 0, 0.66, 1), turns=True), (178, 316)),
    ],
)
def test_known_sizes(shown: tuple[int, int], framing: Framing, size: tuple[int, int]) -> None:
    assert kept(framing, shown) == size
