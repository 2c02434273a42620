"""Histograms of a picture's colours and gradients: to tell scenes apart and to group those alike.

Hecate (Song et al., CIKM 2016) describes a frame by the hue, saturation, value, direction and size
of gradient of its whole and of its four quarters, 2000 numbers. Here are the same histograms with 8
bins each, of 32 x 32 pixels: 5 parts x 5 histograms x 8 bins = 200 numbers.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.edge_change_ratio import gradient

SIDE = 32
BINS = 8
HISTOGRAMS = 5
PARTS = 5  # the whole and its four quarters
HISTOGRAM_DIM = PARTS * HISTOGRAMS * BINS
STEEPEST = 1.0  # slopes of brightness above a quarter of the largest possible count as one

Plane = NDArray[np.floating]

_HALF = np.arange(SIDE) // (SIDE // 2)
_FIRST_BIN = (2 * _HALF[:, None] + _HALF) * BINS  # (SIDE, SIDE): of the pixel's quarter


def pixels_of(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (SIDE, SIDE, 3) pixels of a (size, size, 3) picture.

    Others are skipped, not averaged: a histogram asks for some of them, and this costs nothing.
    """
    taken = np.arange(SIDE) * len(rgb) // SIDE
    return np.asarray(rgb[taken[:, None], taken])


def colour_histograms(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (B, 200) uint8 of (B, SIDE, SIDE, 3) pixels: each histogram has length 255.

    NumPy takes as long to begin its steps as to go through the pixels of one picture.
    """
    hue, saturation, value = _hsv(pixels.astype(np.float32) / np.float32(255))
    down, across = gradient(value)
    size = np.hypot(down, across)
    direction = np.arctan2(down, across) / np.float32(2 * np.pi) + np.float32(0.5)
    quarters = np.stack(
        [
            _histogram(hue, saturation),  # the hue of a gray pixel says nothing
            _histogram(saturation),
            _histogram(value),
            _histogram(direction, size),
            _histogram(np.minimum(size, STEEPEST)),
        ],
        axis=2,
    )  # (B, 4, HISTOGRAMS, BINS)
    parts = np.concatenate([quarters.sum(axis=1, keepdims=True), quarters], axis=1)
    lengths = np.linalg.norm(parts, axis=3, keepdims=True)
    made = np.round(255 * parts / np.maximum(lengths, 1e-6))
    return np.asarray(made.reshape(len(pixels), HISTOGRAM_DIM), dtype=np.uint8)


def _histogram(values: Plane, weights: Plane | None = None) -> NDArray[np.float64]:
    """Return (B, 4, BINS) weighted counts of (B, SIDE, SIDE) values in [0, 1], by quarter."""
    first_bins = np.arange(len(values))[:, None, None] * 4 * BINS + _FIRST_BIN
    bins = np.minimum((values * BINS).astype(np.intp), BINS - 1) + first_bins
    given = None if weights is None else weights.ravel()
    counts = np.bincount(bins.ravel(), weights=given, minlength=len(values) * 4 * BINS)
    return np.asarray(counts.reshape(-1, 4, BINS), dtype=np.float64)


def _hsv(rgb: NDArray[np.float32]) -> tuple[Plane, Plane, Plane]:
    """Return hue, saturation and value in [0, 1] (Smith, SIGGRAPH 1978); hue 0 where gray."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    value, low = rgb.max(axis=-1), rgb.min(axis=-1)
    spread = value - low
    divisor = np.where(spread > 0, spread, np.float32(1))
    sextant = np.where(
        value == red,
        (green - blue) / divisor % 6,
        np.where(value == green, (blue - red) / divisor + 2, (red - green) / divisor + 4),
    )
    return sextant / np.float32(6), spread / np.where(value > 0, value, np.float32(1)), value
