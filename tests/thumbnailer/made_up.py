"""Measures of pictures that there are none of."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.colour_histogram import HISTOGRAM_DIM
from thumbnailer.video.measures import NUMBERS, FrameMeasures


def random_measures(ticks: int, seed: int = 0) -> FrameMeasures:
    rng = np.random.default_rng(seed)
    histograms = rng.integers(0, 256, (ticks, HISTOGRAM_DIM), dtype=np.uint8)
    numbers = rng.random((ticks, NUMBERS), dtype=np.float32)
    numbers[:, -1] = np.floor(2 * numbers[:, -1] ** 4)  # a few errors
    return FrameMeasures.of(numbers, histograms)


def frozen_measures(ticks: int, level: float = 0.5) -> FrameMeasures:
    """Every picture like every other."""
    histograms = np.full((ticks, HISTOGRAM_DIM), 50, np.uint8)
    numbers = np.full((ticks, NUMBERS), level, np.float32)
    numbers[:, -1] = 0.0  # no errors
    return FrameMeasures.of(numbers, histograms)


def lively_measures(ticks: int) -> FrameMeasures:
    """Bright, sharp, busy pictures that all move alike and look alike."""
    level: NDArray[np.float32] = np.full(ticks, 0.5, np.float32)
    histograms = np.full((ticks, HISTOGRAM_DIM), 50, np.uint8)
    unlike = level * 0.2, level.copy(), level * 0.1, level * 0.1, level * 0, level * 0
    return FrameMeasures(level.copy(), *unlike, histograms)
