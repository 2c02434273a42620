"""Intervals and paired comparisons of a figure over videos, by the bootstrap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, wilcoxon

RESAMPLES = 10_000
LEVEL = 0.95
SEED = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over videos with its 95 % percentile interval.

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
        p_value: of Wilcoxon's signed-rank test; nan where no video differs.
    """

    difference: Interval
    p_value: float


def mean_interval(values: NDArray[np.float64], *, resamples: int = RESAMPLES) -> Interval:
    """Return the mean of (V,) values and its interval by resampling videos (Efron 1979)."""
    mean = float(values.mean())
    if len(values) < 2 or np.isnan(mean):
        return Interval(mean, np.nan, np.nan)
    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=resamples,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))


def compare(left: NDArray[np.float64], right: NDArray[np.float64]) -> PairedDifference:
    """Compare (V,) figures of two rows for the same videos: left minus right."""
    difference = left - right
    if not difference.any() or np.isnan(difference).any():
        return PairedDifference(mean_interval(difference), float("nan"))
    return PairedDifference(mean_interval(difference), float(wilcoxon(difference).pvalue))
