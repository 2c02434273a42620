"""Holds each pixel still while it changes too little to be seen."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.encode.compiled import compiled


@compiled
def hold_still(
    frames: NDArray[np.float32], weights: NDArray[np.float32], tolerance: np.float32
) -> NDArray[np.float32]:
    """Replace each pixel's colours by their mean over runs of frames that hardly differ.

    A run goes on while half the diagonal of the box about its colours, squared and weighted, is
    within the tolerance. What stands still can stay on the canvas and costs nothing, and the mean
    stays nearer to all of the run's frames than the first of them would. A cut ends the runs
    of all pixels that it changes visibly.

    Args:
        frames: (N, H, W, 3).
        weights: (N, H, W), how much a squared error costs.
        tolerance: weighted squared error.

    Returns:
        (N, H, W, 3).
    """
    count, height, width, _ = frames.shape
    held = np.empty_like(frames)
    for row in range(height):
        for column in range(width):
            first = 0
            while first < count:
                end = _run_end(frames, weights, tolerance, first, row, column)
                _fill_with_mean(held, frames, first, end, row, column)
                first = end
    return held


@compiled
def _run_end(
    frames: NDArray[np.float32],
    weights: NDArray[np.float32],
    tolerance: np.float32,
    first: int,
    row: int,
    column: int,
) -> int:
    low_y = high_y = frames[first, row, column, 0]
    low_cb = high_cb = frames[first, row, column, 1]
    low_cr = high_cr = frames[first, row, column, 2]
    for number in range(first + 1, len(frames)):
        y, cb, cr = frames[number, row, column]
        low_y, high_y = min(low_y, y), max(high_y, y)
        low_cb, high_cb = min(low_cb, cb), max(high_cb, cb)
        low_cr, high_cr = min(low_cr, cr), max(high_cr, cr)
        diagonal = (high_y - low_y) ** 2 + (high_cb - low_cb) ** 2 + (high_cr - low_cr) ** 2
        if weights[number, row, column] * diagonal > 4 * tolerance:
            return number
    return len(frames)


@compiled
def _fill_with_mean(
    held: NDArray[np.float32],
    frames: NDArray[np.float32],
    first: int,
    end: int,
    row: int,
    column: int,
) -> None:
    for channel in range(3):
        total = np.float32(0)
        for number in range(first, end):
            total += frames[number, row, column, channel]
        for number in range(first, end):
            held[number, row, column, channel] = total / np.float32(end - first)
