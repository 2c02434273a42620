"""Intervals and paired comparisons of a figure over videos, by the bootstrap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

RESAMPLES = 10_000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over videos with its 95 % percentile interval; nan where a video has no figure."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A mean difference within videos.

    Attributes:
        difference: with its interval.
        p_value: of Wilcoxon's signed-rank test; nan where no video differs.
    """

    difference: Interval
    p_value: float


def mean_interval(values: NDArray[np.float64], seed: int = 0) -> Interval:
    """Return the mean of (V,) values and its interval by resampling videos (Efron 1979)."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(values), (RESAMPLES, len(values)))
    means = values[drawn].mean(axis=1)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(values.mean()), float(low), float(high))


def compare(left: NDArray[np.float64], right: NDArray[np.float64]) -> Comparison:
    """Compare (V,) figures of two rows for the same videos: left minus right."""
    difference = left - right
    if not difference.any() or np.isnan(difference).any():
        return Comparison(mean_interval(difference), float("nan"))
    return Comparison(mean_interval(difference), float(wilcoxon(difference).pvalue))
