"""Pictures of any lengths become frames at equal distances, within bounds."""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from thumbnailer.creative.film import MAX_FRAMES, Moment, at_equal_distances
from thumbnailer.errors import DecodeFailedError, VideoTooLongError

HERE = Path("cover.gif")


def moments(lengths_s: list[float], values: list[int] | None = None) -> list[Moment]:
    values = values or list(range(len(lengths_s)))
    return [
        Moment(np.full((2, 2, 3), value, np.uint8), end_s)
        for value, end_s in zip(values, accumulate(lengths_s), strict=True)
    ]


def shown(lengths_s: list[float], values: list[int] | None = None) -> list[int]:
    frames = at_equal_distances(HERE, moments(lengths_s, values), 0.08)
    return [int(frame[0, 0, 0]) for frame in frames]


@pytest.mark.parametrize(
    ("lengths_s", "expected"),
    [
        ([0.08, 0.08, 0.08], [0, 1, 2]),
        ([0.16, 0.24], [0, 0, 1, 1, 1]),
        ([0.025] * 6, [1, 4]),  # those on screen at 0.04 and 0.12 s
        ([0.1, 0.1, 0.1, 0.1], [0, 1, 2, 2, 3]),
    ],
)
def test_each_frame_is_the_one_on_screen(lengths_s: list[float], expected: list[int]) -> None:
    assert shown(lengths_s) == expected


def test_what_does_not_move_is_one_frame() -> None:
    assert shown([0.1]) == [0]
    assert shown([0.01, 0.02]) == [1]
    assert shown([0.5, 0.5], [7, 7]) == [7]


def test_pictures_beyond_the_bounds_are_not_asked_for() -> None:
    """A film of any length costs no more than one at the bound."""
    asked = 0

    def endless(length_s: float) -> Iterator[Moment]:
        nonlocal asked
        while True:
            asked += 1
            yield Moment(np.zeros((1, 1, 3), np.uint8), asked * length_s)

    with pytest.raises(VideoTooLongError, match="has over 600 pictures"):
        at_equal_distances(HERE, endless(0.001), 0.08)
    assert asked == MAX_FRAMES + 1
    asked = 0
    with pytest.raises(VideoTooLongError, match="must last at most 6 s: cut it"):
        at_equal_distances(HERE, endless(1.0), 0.08)
    assert asked == 7


def test_no_picture_is_an_error() -> None:
    with pytest.raises(DecodeFailedError, match="has no picture"):
        at_equal_distances(HERE, [], 0.08)
