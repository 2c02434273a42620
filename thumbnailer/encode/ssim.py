"""Structural similarity, and how much of it an error at each pixel costs.

Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13(4), 2004.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, uniform_filter

from thumbnailer.encode.colour import luma

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # Eq. 7 and 9, K1 = 0.01 and K2 = 0.03
SIGMA_PX, RADIUS_PX = 1.5, 5  # their 11 x 11 Gaussian window
BOX_PX = 7
MASKED_VARIANCE = 125.0  # more texture than this hides no more: the eye is no SSIM


def ssim(reference: NDArray[np.uint8], shown: NDArray[np.uint8]) -> float:
    """Return the mean SSIM (Eq. 13) on luma over all pixels of all frames.

    Args:
        reference: (N, H, W, 3) RGB.
        shown: as many frames of the same size.

    Raises:
        ValueError: the shapes differ.
    """
    if reference.shape != shown.shape:
        raise ValueError(
            f"shown.shape == {shown.shape}, must be {reference.shape} as the reference"
        )
    pairs = zip(reference, shown, strict=True)
    return float(np.mean([_frame_ssim(_plane(x), _plane(y)) for x, y in pairs]))


def _plane(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    return luma(frame.reshape(-1, 3)).reshape(frame.shape[:2])


def _frame_ssim(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    mean_x, mean_y = _window(x), _window(y)
    variance_x = _window(x * x) - mean_x**2
    variance_y = _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    structure = (2 * covariance + C2) / (variance_x + variance_y + C2)
    return float(np.mean(luminance * structure))


def _window(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth: NDArray[np.float32] = gaussian_filter(plane, SIGMA_PX, radius=RADIUS_PX)
    return smooth


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
    mean = _box(y)
    variance = np.clip(_box(y * y) - mean * mean, 0, MASKED_VARIANCE)
    return _box(np.float32(C2) / (2 * variance + np.float32(C2)))


def _box(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth: NDArray[np.float32] = uniform_filter(planes, (1, BOX_PX, BOX_PX), mode="nearest")
    return smooth
