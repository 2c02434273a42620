"""Weights of errors: the structural similarity of a picture that one costs at each pixel.

Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13(4), 2004.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

C2 = (0.03 * 255) ** 2  # Eq. 9, K2 = 0.03
BOX_PX = 7
MASKED_VARIANCE = 125.0  # more texture than this hides no more: the eye is no SSIM


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
    for number, plane in enumerate(y):  # one by one: all at once would take five times the memory
        mean = _box(plane)
        variance = np.clip(_box(plane * plane) - mean * mean, 0, MASKED_VARIANCE)
        weights[number] = _box(np.float32(C2) / (2 * variance + np.float32(C2)))
    return weights


def _box(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth: NDArray[np.float32] = uniform_filter(plane, BOX_PX, mode="nearest")
    return smooth
