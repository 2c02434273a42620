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
    ends = np.empty((count, width), np.bool_)
    for row in range(height):
        _end_runs(frames, weights, row, tolerance, ends)
        _fill_back(frames, row, ends)


@compiled
def _end_runs(
    frames: NDArray[np.float32],
    weights: NDArray[np.float32],
    row: int,
    tolerance: np.float32,
    ends: NDArray[np.bool_],
) -> None:
    """Tell where each run of a row's pixels ends, (N, W), and put its mean there.

    Frame by frame, as they lie in memory: pixel by pixel through time takes twice as long.
    """
    low, high, total = frames[0, row].copy(), frames[0, row].copy(), frames[0, row].copy()
    length = np.ones(frames.shape[2], np.float32)
    for number in range(1, len(frames)):
        for column in range(frames.shape[2]):
            y, cb, cr = frames[number, row, column]
            low_y, high_y = min(low[column, 0], y), max(high[column, 0], y)
            low_cb, high_cb = min(low[column, 1], cb), max(high[column, 1], cb)
            low_cr, high_cr = min(low[column, 2], cr), max(high[column, 2], cr)
            diagonal = (high_y - low_y) ** 2 + (high_cb - low_cb) ** 2 + (high_cr - low_cr) ** 2
            is_end = weights[number, row, column] * diagonal > 4 * tolerance
            ends[number - 1, column] = is_end
            if is_end:
                for channel in range(3):
                    mean = total[column, channel] / length[column]
                    frames[number - 1, row, column, channel] = mean
                low_y, low_cb, low_cr = high_y, high_cb, high_cr = y, cb, cr
                total[column] = 0
                length[column] = 0
            low[column, 0], low[column, 1], low[column, 2] = low_y, low_cb, low_cr
            high[column, 0], high[column, 1], high[column, 2] = high_y, high_cb, high_cr
            for channel in range(3):
                total[column, channel] += frames[number, row, column, channel]
            length[column] += 1
    for column in range(frames.shape[2]):
        for channel in range(3):
            frames[-1, row, column, channel] = total[column, channel] / length[column]


@compiled
def _fill_back(frames: NDArray[np.float32], row: int, ends: NDArray[np.bool_]) -> None:
    """Copy what the end of each run holds to the frames before."""
    for number in range(len(frames) - 2, -1, -1):
        for column in range(frames.shape[2]):
            if not ends[number, column]:
                for channel in range(3):
                    frames[number, row, column, channel] = frames[number + 1, row, column, channel]
