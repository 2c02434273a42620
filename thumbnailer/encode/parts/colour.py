"""The colour space in which errors are counted: luma and the two colour differences."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled

# ITU-R BT.601, full range and without the offset of 128 (as in JPEG).
RED, GREEN, BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)
CB_SCALE, CR_SCALE = np.float32(0.5 / (1 - 0.114)), np.float32(0.5 / (1 - 0.299))


@compiled
def ycbcr(red: int, green: int, blue: int) -> tuple[np.float32, np.float32, np.float32]:
    """Return Y, 0 to 255, Cb and Cr, about -128 to 128, of one pixel."""
    y = RED * np.float32(red) + GREEN * np.float32(green) + BLUE * np.float32(blue)
    return y, CB_SCALE * (np.float32(blue) - y), CR_SCALE * (np.float32(red) - y)


@compiled
def luma(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return Y of (P, 3) RGB, (P,), 0 to 255."""
    y = np.empty(len(rgb), np.float32)
    for pixel in range(len(rgb)):
        y[pixel], _, _ = ycbcr(rgb[pixel, 0], rgb[pixel, 1], rgb[pixel, 2])
    return y


@compiled
def to_ycbcr(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return Y, Cb and Cr of (P, 3) RGB; Y is 0 to 255, the others about -128 to 128."""
    made = np.empty(rgb.shape, np.float32)
    for pixel in range(len(rgb)):
        y, cb, cr = ycbcr(rgb[pixel, 0], rgb[pixel, 1], rgb[pixel, 2])
        made[pixel, 0], made[pixel, 1], made[pixel, 2] = y, cb, cr
    return made


def to_rgb(ycbcr: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the nearest (K, 3) RGB of what ``to_ycbcr`` made."""
    y, cb, cr = ycbcr[..., 0], ycbcr[..., 1], ycbcr[..., 2]
    red, blue = y + cr / CR_SCALE, y + cb / CB_SCALE
    green = (y - RED * red - BLUE * blue) / GREEN
    levels = np.clip(np.rint(np.stack((red, green, blue), axis=-1)), 0, 255)
    return np.asarray(levels, np.uint8)
