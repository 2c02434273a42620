"""The colour space in which errors are counted: luma and the two colour differences."""

import numpy as np
from numpy.typing import NDArray

# ITU-R BT.601, full range and without the offset of 128 (as in JPEG).
RED, GREEN, BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)
CB_SCALE, CR_SCALE = np.float32(0.5 / (1 - 0.114)), np.float32(0.5 / (1 - 0.299))


def luma(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return Y of (..., 3) RGB, (...), 0 to 255."""
    planes = rgb.astype(np.float32)
    return RED * planes[..., 0] + GREEN * planes[..., 1] + BLUE * planes[..., 2]


def to_ycbcr(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return Y, Cb and Cr of (..., 3) RGB; Y is 0 to 255, the others about -128 to 128."""
    y = luma(rgb)
    cb = CB_SCALE * (rgb[..., 2] - y)
    cr = CR_SCALE * (rgb[..., 0] - y)
    return np.stack((y, cb, cr), axis=-1)


def to_rgb(ycbcr: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the nearest (..., 3) RGB of what ``to_ycbcr`` made."""
    y, cb, cr = ycbcr[..., 0], ycbcr[..., 1], ycbcr[..., 2]
    red, blue = y + cr / CR_SCALE, y + cb / CB_SCALE
    green = (y - RED * red - BLUE * blue) / GREEN
    return np.clip(np.rint(np.stack((red, green, blue), axis=-1)), 0, 255).astype(np.uint8)
