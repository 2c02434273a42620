"""Weights of errors: the structural similarity of a picture that one costs at each pixel.

Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13(4), 2004.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled

C2 = np.float32((0.03 * 255) ** 2)  # Eq. 9, K2 = 0.03
BOX_PX, REACH_PX = 7, 3
NONE, MASKED_VARIANCE = (
    np.float32(0),
    np.float32(125),
)  # more texture than this hides no more: the eye is no SSIM


def error_weights(y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much a squared error at each pixel costs, at most 1, less in textured places.

    For a small error of variance e² in a window of variance σ², 1 - SSIM is e² / (2 σ² + C2) to
    first order. A pixel takes the mean of that over the windows that hold it, so a pixel of
    texture beside something flat still counts.

    Args:
        y: (N, H, W) luma.

    Returns:
        (N, H, W), C2 times that mean.
    """
    weights = np.empty_like(y)
    for plane, costs in zip(y, weights, strict=True):
        costs[:] = _costs(plane)
    return weights


@compiled
def _costs(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = _box(plane)
    variance = np.minimum(np.maximum(_box(plane * plane) - mean * mean, NONE), MASKED_VARIANCE)
    costs: NDArray[np.float32] = C2 / (np.float32(2) * variance + C2)
    return _box(costs)


@compiled
def _box(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means of the box around each pixel of (H, W); the edge goes on beyond it.

    The sums are exact, so these are the numbers of SciPy's uniform filter, in half of its time.
    """
    smooth = np.empty_like(plane)
    _fill_down(smooth, plane)
    _smooth_across(smooth)
    return smooth


@compiled
def _fill_down(smooth: NDArray[np.float32], plane: NDArray[np.float32]) -> None:
    """Fill in the means over columns, for a whole row at once."""
    height, width = plane.shape
    sums = np.zeros(width, np.float64)
    for row in range(-REACH_PX, REACH_PX):
        sums += plane[min(max(row, 0), height - 1)]
    for row in range(height):
        enters, leaves = min(row + REACH_PX, height - 1), max(row - REACH_PX, 0)
        for column in range(width):
            sums[column] += plane[enters, column]
            smooth[row, column] = sums[column] / BOX_PX
            sums[column] -= plane[leaves, column]


@compiled
def _smooth_across(smooth: NDArray[np.float32]) -> None:
    """Put the means over rows in the place of (H, W) numbers."""
    height, width = smooth.shape
    line = np.empty(width + 2 * REACH_PX, np.float64)
    for row in range(height):
        line[:REACH_PX], line[width + REACH_PX :] = smooth[row, 0], smooth[row, width - 1]
        line[REACH_PX : width + REACH_PX] = smooth[row]
        total = line[: BOX_PX - 1].sum()
        for column in range(width):
            total += line[column + BOX_PX - 1]
            smooth[row, column] = total / BOX_PX
            total -= line[column]
