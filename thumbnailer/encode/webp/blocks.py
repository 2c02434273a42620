"""The cost of errors, and how busy a picture is, block by block."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.encode.parts.colour import to_ycbcr

BLOCK_PX = 8
CHROMA = np.float32(0.5)  # what an error of a colour difference costs, where one of luma costs 1


@compiled
def block_losses(
    wanted: NDArray[np.float32], weights: NDArray[np.float32], shown: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return the mean weighted squared error of each block.

    Colours are compared as means of 2 x 2 pixels, since 4:2:0 keeps no more of them.

    Args:
        wanted: (H, W, 3) luma and colour differences.
        weights: (H, W), how much a squared error costs.
        shown: (H, W, 3) RGB.

    Returns:
        (ceil(H / 8), ceil(W / 8)).
    """
    height, width = weights.shape
    errors = wanted - to_ycbcr(shown.reshape(-1, 3)).reshape(height, width, 3)
    sums = np.zeros((-(-height // BLOCK_PX), -(-width // BLOCK_PX)), np.float32)
    for row in range(height):
        for column in range(width):
            y = errors[row, column, 0]
            cb = _mean_of_four(errors, row, column, 1)
            cr = _mean_of_four(errors, row, column, 2)
            error = y * y + CHROMA * (cb * cb + cr * cr)
            sums[row // BLOCK_PX, column // BLOCK_PX] += weights[row, column] * error
    sums /= _sizes(height, width)
    return sums


@compiled
def _mean_of_four(planes: NDArray[np.float32], row: int, column: int, channel: int) -> np.float32:
    """Return the mean over the 2 x 2 pixels that this one belongs to; edges are repeated."""
    top, left = row - row % 2, column - column % 2
    bottom, right = min(top + 1, planes.shape[0] - 1), min(left + 1, planes.shape[1] - 1)
    upper = planes[top, left, channel] + planes[top, right, channel]
    lower = planes[bottom, left, channel] + planes[bottom, right, channel]
    mean: np.float32 = np.float32(0.25) * (upper + lower)
    return mean


@compiled
def block_activity(y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how busy each block of an (H, W) plane is: its mean steps down and to the right."""
    height, width = y.shape
    sums = np.zeros((-(-height // BLOCK_PX), -(-width // BLOCK_PX)), np.float32)
    for row in range(height):
        for column in range(width):
            down = abs(y[row, column] - y[max(row - 1, 0), column])
            right = abs(y[row, column] - y[row, max(column - 1, 0)])
            sums[row // BLOCK_PX, column // BLOCK_PX] += down + right
    sums /= _sizes(height, width)
    return sums


@compiled
def _sizes(height: int, width: int) -> NDArray[np.float32]:
    """Return how many pixels each block has; those at the right and bottom may have fewer."""
    sizes = np.empty((-(-height // BLOCK_PX), -(-width // BLOCK_PX)), np.float32)
    for row in range(sizes.shape[0]):
        for column in range(sizes.shape[1]):
            rows = min(BLOCK_PX, height - BLOCK_PX * row)
            sizes[row, column] = rows * min(BLOCK_PX, width - BLOCK_PX * column)
    return sizes
