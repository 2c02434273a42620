"""Cues of a second's appeal that can be measured, each as its rank among the film's others."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.settings import CueWeights
from thumbnailer.video.ticks import TICKS_PER_S

WELL_LIT = 0.45  # of full brightness
SATURATION = slice(8, 16)  # its histogram of the whole picture (video.colour_histogram)

Values = NDArray[np.float64]  # (m,) of the shots that may be chosen


def appeal(cues: NDArray[np.float64], weights: CueWeights) -> Values:
    """Return (m,) the weighted mean of (m, 7) cues; negative weights count a cue against a shot."""
    w = weights
    given = np.asarray([w.scorer, w.sharpness, w.exposure, w.colour, w.motion, w.face, w.no_text])
    return np.asarray(cues @ given / max(float(np.abs(given).sum()), 1e-12))


def cue_ranks(shots: ShotTable, scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (m, 7) ranks over 0 to 1 in the order of CueWeights; equal values share a rank.

    Args:
        shots: with the measures of its frames.
        scores: (n,) by the scorer of features.
    """
    frames, seconds = shots.frames, shots.eligible
    values = [
        scores[seconds],
        _by_second(frames.sharpness, seconds),
        -np.abs(_by_second(frames.luma, seconds) - WELL_LIT),
        _saturation(frames.colour_histogram, seconds),
        _by_second(frames.motion, seconds),
        _known(shots.faces, seconds),
        -_known(shots.lettering, seconds),
    ]
    return np.stack([(_ranks(each) - 0.5) / len(seconds) for each in values], axis=1)


def _known(found: NDArray[np.float32], seconds: NDArray[np.int64]) -> NDArray[np.floating]:
    return found[seconds] if len(found) else np.zeros(len(seconds))


def _ranks(values: NDArray[np.floating]) -> Values:
    """Return ranks from 1 on, of equals the mean; SciPy's statistics would take 33 MB for it."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    means: Values = np.cumsum(counts) - (counts - 1) / 2
    return means[which]


def _by_second(ticks: NDArray[np.float32], seconds: NDArray[np.int64]) -> Values:
    return np.asarray(ticks[_ticks(seconds)].mean(axis=1, dtype=np.float64))


def _saturation(histograms: NDArray[np.uint8], seconds: NDArray[np.int64]) -> Values:
    """Return the mean saturation of each second's pictures."""
    counts = histograms[_ticks(seconds), SATURATION].sum(axis=1, dtype=np.float64)  # (m, 8)
    return np.asarray(counts @ np.arange(8) / np.maximum(counts.sum(axis=1), 1.0))


def _ticks(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(seconds[:, None] * TICKS_PER_S + np.arange(TICKS_PER_S))
