"""A part of the canvas."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Part of the canvas, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns."""
        rows = slice(self.top, self.top + self.height)
        return rows, slice(self.left, self.left + self.width)


def bounds(changed: NDArray[np.bool_]) -> Rectangle:
    """Return the smallest rectangle about what must change; one pixel where nothing must."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not rows.size:
        return Rectangle(0, 0, 1, 1)
    top, left = int(rows[0]), int(columns[0])
    return Rectangle(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)
