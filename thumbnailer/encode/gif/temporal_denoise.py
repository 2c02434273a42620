"""Temporal denoising: each pixel is held still while it changes too little to be seen."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled


@compiled
def hold_still(
    frames: NDArray[np.float32], weights: NDArray[np.float32], tolerance: np.float32
) -> None:
    """Replace, in place, each pixel's colours by their mean over runs of frames that hardly differ.

    A run goes on while half the diagonal of the box about its colours, squared and weighted, is
    within the tolerance. What stands still can stay on the canvas and costs nothing, and the mean
    stays nearer to all of the run's frames than the first of them would. A cut ends the runs
    of all pixels that it changes visibly.

    Args:
        frames: (N, H, W, 3).
        weights: (N, H, W), how much a squared error costs.
        tolerance: weighted squared error.
    """
    count, height, width, _ = frames.shape
    for row in range(height):
        for column in range(width):
            series, series_weights = frames[:, row, column], weights[:, row, column]
            first = 0
            while first < count:
                end = _run_end(series, series_weights, tolerance, first)
                _fill_with_mean(series[first:end])
                first = end


@compiled
def _run_end(
    series: NDArray[np.float32], weights: NDArray[np.float32], tolerance: np.float32, first: int
) -> int:
    """Return where the run of one pixel's (N, 3) colours that begins at ``first`` ends."""
    low_y = high_y = series[first, 0]
    low_cb = high_cb = series[first, 1]
    low_cr = high_cr = series[first, 2]
    for number in range(first + 1, len(series)):
        y, cb, cr = series[number]
        low_y, high_y = min(low_y, y), max(high_y, y)
        low_cb, high_cb = min(low_cb, cb), max(high_cb, cb)
        low_cr, high_cr = min(low_cr, cr), max(high_cr, cr)
        diagonal = (high_y - low_y) ** 2 + (high_cb - low_cb) ** 2 + (high_cr - low_cr) ** 2
        if weights[number] * diagonal > 4 * tolerance:
            return number
    return len(series)


@compiled
def _fill_with_mean(run: NDArray[np.float32]) -> None:
    for channel in range(3):
        total = np.float32(0)
        for number in range(len(run)):
            total += run[number, channel]
        for number in range(len(run)):
            run[number, channel] = total / np.float32(len(run))
