"""The part of the picture that is film: what bars leave of it.

A bar is a run of lines at an edge that keep one colour nearly all the time: black around pictures
of another shape, or whatever colour a maker put there. They are looked for over the whole film: a
dark scene alone makes no bar.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PLAIN_LEVELS = 16  # of 256 that a bar's pixels may differ by, for noise and rounding
ALWAYS = 0.95  # of the time: logos and flashes may break a bar for the rest
SMALLEST_SIDE = 0.2  # of the picture: what is less is no film between bars
SMALLEST_AREA = 0.125


@dataclass(frozen=True, slots=True)
class ActiveArea:
    """Rows and columns of the picture, as slices."""

    rows: slice
    columns: slice


class BarDetector:
    """Looks at the lines of each picture as it comes."""

    def __init__(self) -> None:
        self._lines = bytearray()
        self._height = self._width = 0

    def add(self, gray: NDArray[np.uint8], ticks: int) -> None:
        """Take the (H, W) picture that is on screen at so many ticks."""
        self._height, self._width = gray.shape
        low = np.concatenate([gray.min(axis=1), gray.min(axis=0)])
        high = np.concatenate([gray.max(axis=1), gray.max(axis=0)])
        self._lines += np.stack([low, high]).tobytes() * ticks

    def area(self) -> ActiveArea:
        """Return what bars leave; the whole where they would leave next to nothing."""
        lines = np.frombuffer(self._lines, np.uint8).reshape(-1, 2, self._height + self._width)
        rows, columns = _film(lines[..., : self._height]), _film(lines[..., self._height :])
        if rows.mean() * columns.mean() < SMALLEST_AREA:
            return ActiveArea(slice(0, len(rows)), slice(0, len(columns)))
        return ActiveArea(_run(rows), _run(columns))


def _film(lines: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return (L,) bool: the line lies between the bars; all do where no film would be left.

    Args:
        lines: (T, 2, L) the lowest and the highest level of each line at each tick.
    """
    low, high = lines[:, 0], lines[:, 1]
    middle = (low + (high - low) // 2).astype(np.int16)
    off = np.abs(middle - np.median(middle, axis=0).astype(np.int16))
    keeps_its_colour = (high - low <= PLAIN_LEVELS) & (off <= PLAIN_LEVELS)
    film = np.flatnonzero(keeps_its_colour.mean(axis=0) < ALWAYS)
    between = np.zeros(lines.shape[2], bool)
    if film.size:
        between[_without_rims(int(film[0]), int(film[-1]), len(between))] = True
    return between if between.mean() >= SMALLEST_SIDE else np.ones_like(between)


def _without_rims(first: int, last: int, count: int) -> slice:
    """Return the lines from first to last without those beside a bar, which may be half bar."""
    return slice(first + (first > 0), last + (last == count - 1))


def _run(lines: NDArray[np.bool_]) -> slice:
    inside = np.flatnonzero(lines)
    return slice(int(inside[0]), int(inside[-1]) + 1)
