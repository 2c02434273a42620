"""Intervals and paired comparisons of a figure over videos and seeds, by the bootstrap.

Shapes: S seeds that a network was trained from, V videos; S = 1 where nothing is drawn in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        p_value: twice the share of resamples on the rarer side of zero (Davison & Hinkley 1997),
            so that it knows of seeds as the interval does; 0.0002 at the least. nan where no
            video differs, and of one video alone.
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
    return _interval(mean, _resampled_means(table, resamples))


def compare(left: NDArray[np.float64], right: NDArray[np.float64]) -> PairedDifference:
    """Compare two rows for the same videos, (S, V) or (V,) each: left minus right.

    Where one of them has one seed, it is compared to each seed of the other.
    """
    difference = np.atleast_2d(left) - np.atleast_2d(right)
    of_videos = difference.mean(axis=0)
    if len(of_videos) < 2 or not of_videos.any() or np.isnan(of_videos).any():
        return PairedDifference(mean_interval(difference), float("nan"))
    means = _resampled_means(difference, RESAMPLES)
    rarer = min((means <= 0).sum(), (means >= 0).sum())
    p_value = min(1.0, 2 * (1 + rarer) / (1 + RESAMPLES))
    return PairedDifference(_interval(float(difference.mean()), means), float(p_value))


def _interval(mean: float, means: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean, float(low), float(high))


def _resampled_means(table: NDArray[np.float64], resamples: int) -> NDArray[np.float64]:
    """Return the means of (S, V) values with seeds and videos drawn anew: (R,)."""
    rng = np.random.default_rng(SEED)
    seeds, videos = (rng.integers(count, size=(resamples, count)) for count in table.shape)
    return np.asarray(table[seeds[:, :, None], videos[:, None]].mean(axis=(1, 2)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979); nan is no test and stays."""
    corrected, highest, left = list(p_values), 0.0, int(np.isfinite(p_values).sum())
    for place in np.argsort(p_values)[:left]:
        highest = max(highest, min(1.0, left * p_values[place]))
        corrected[place] = highest
        left -= 1
    return corrected
