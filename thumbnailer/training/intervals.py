"""Intervals and paired comparisons of a figure over videos and seeds, by the bootstrap.

Shapes: S seeds that a network was trained from, V videos; S = 1 where nothing is drawn in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

RESAMPLES = 10_000
LEVEL = 0.95
SEED = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds and videos with its 95 % interval.

    All is nan where a video has no figure, and the bounds are of one video alone.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """A mean difference within videos.

    Attributes:
        difference: with its interval.
        p_value: of Wilcoxon's signed-rank test of the videos' means over seeds; nan where no video
            differs.
    """

    difference: Interval
    p_value: float


def mean_interval(values: NDArray[np.float64], *, resamples: int = RESAMPLES) -> Interval:
    """Return the mean of (S, V) or (V,) values and its percentile interval.

    Seeds and videos are resampled, each by themselves (the pigeonhole bootstrap: Owen 2007).
    """
    table = np.atleast_2d(values)
    mean = float(table.mean())
    if table.shape[1] < 2 or np.isnan(mean):
        return Interval(mean, np.nan, np.nan)
    rng = np.random.default_rng(SEED)
    seeds, videos = (rng.integers(count, size=(resamples, count)) for count in table.shape)
    means = table[seeds[:, :, None], videos[:, None]].mean(axis=(1, 2))
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean, float(low), float(high))


def compare(left: NDArray[np.float64], right: NDArray[np.float64]) -> PairedDifference:
    """Compare two rows for the same videos, (S, V) or (V,) each: left minus right.

    Where one of them has one seed, it is compared to each seed of the other.
    """
    difference = np.atleast_2d(left) - np.atleast_2d(right)
    of_videos = difference.mean(axis=0)
    if not of_videos.any() or np.isnan(of_videos).any():
        return PairedDifference(mean_interval(difference), float("nan"))
    return PairedDifference(mean_interval(difference), float(wilcoxon(of_videos).pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979); nan is no test and stays."""
    corrected, highest, left = list(p_values), 0.0, int(np.isfinite(p_values).sum())
    for place in np.argsort(p_values)[:left]:
        highest = max(highest, min(1.0, left * p_values[place]))
        corrected[place] = highest
        left -= 1
    return corrected
