"""Pictures of half the width and height."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled


@compiled
def halve(picture: NDArray[np.uint8], half: NDArray[np.uint8]) -> None:
    """Fill ``half``, (H / 2, W / 2, 3), with the means of two by two pixels of an (H, W, 3) one."""
    for row in range(half.shape[0]):
        for column in range(half.shape[1]):
            for channel in range(3):
                upper = picture[2 * row, 2 * column, channel]
                lower = picture[2 * row + 1, 2 * column, channel]
                left = np.uint16(upper) + np.uint16(lower)
                upper = picture[2 * row, 2 * column + 1, channel]
                lower = picture[2 * row + 1, 2 * column + 1, channel]
                right = np.uint16(upper) + np.uint16(lower)
                half[row, column, channel] = (left + right + 2) // 4
