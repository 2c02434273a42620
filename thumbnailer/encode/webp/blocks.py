"""The cost of errors, and how busy a picture is, block by block."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.encode.parts.colour import ycbcr

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
    errors = np.empty(
        (2, width, 3), np.float32
    )  # of two rows: a picture of them takes as long again
    sums = np.zeros((-(-height // BLOCK_PX), -(-width // BLOCK_PX)), np.float32)
    for top in range(0, height, 2):
        for row in range(2):
            _fill_errors(errors[row], wanted, shown, min(top + row, height - 1))
        _halve_colours(errors)
        for row in range(top, min(top + 2, height)):
            for column in range(width):
                y, cb, cr = errors[row - top, column]
                error = y * y + CHROMA * (cb * cb + cr * cr)
                sums[row // BLOCK_PX, column // BLOCK_PX] += weights[row, column] * error
    sums /= _sizes(height, width)
    return sums


@compiled
def _fill_errors(
    errors: NDArray[np.float32], wanted: NDArray[np.float32], shown: NDArray[np.uint8], row: int
) -> None:
    """Fill in the (W, 3) errors of one row."""
    for column in range(len(errors)):
        y, cb, cr = ycbcr(shown[row, column, 0], shown[row, column, 1], shown[row, column, 2])
        errors[column, 0] = wanted[row, column, 0] - y
        errors[column, 1] = wanted[row, column, 1] - cb
        errors[column, 2] = wanted[row, column, 2] - cr


@compiled
def _halve_colours(errors: NDArray[np.float32]) -> None:
    """Put the mean over 2 x 2 pixels in the place of each of two rows' errors of colour."""
    last = errors.shape[1] - 1
    for left in range(0, errors.shape[1], 2):
        right = min(left + 1, last)
        for channel in range(1, 3):
            upper = errors[0, left, channel] + errors[0, right, channel]
            lower = errors[1, left, channel] + errors[1, right, channel]
            mean = np.float32(0.25) * (upper + lower)
            errors[0, left, channel] = errors[0, right, channel] = mean
            errors[1, left, channel] = errors[1, right, channel] = mean


@compiled
def lay_over(
    canvas: NDArray[np.uint8],
    part: NDArray[np.uint8],
    drawn: NDArray[np.bool_],
    at: tuple[int, int],
) -> None:
    """Put those pixels of a part that are drawn onto the canvas.

    Args:
        canvas: (H, W, 3).
        part: (h, w, 3), the part of a picture.
        drawn: (H, W).
        at: row and column of the canvas where the part begins.
    """
    height, width, _ = part.shape
    for row in range(height):
        for column in range(width):
            if drawn[at[0] + row, at[1] + column]:
                for channel in range(3):
                    canvas[at[0] + row, at[1] + column, channel] = part[row, column, channel]


@compiled
def with_alpha(picture: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return (H, W, 4): an (H, W, 3) picture that is transparent where it is not drawn."""
    height, width = drawn.shape
    rgba = np.empty((height, width, 4), np.uint8)
    for row in range(height):
        for column in range(width):
            for channel in range(3):
                rgba[row, column, channel] = picture[row, column, channel]
            rgba[row, column, 3] = 255 if drawn[row, column] else 0
    return rgba


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
