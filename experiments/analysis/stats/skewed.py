"""Means over few, unequal or skewed videos: how many of them there are in effect, and their limits.

The t distribution takes its degrees of freedom from how well a variance is known. That is less well
than the number of videos says where a few of them carry most of the weight (Bell & McCaffrey 2002),
and where values are heavy-tailed (Satterthwaite 1946, with the fourth moment of the data). Skewness
moves both limits to one side (Hall 1992).
"""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.records import FloatArray, ratio_or_nan, ratio_or_zero

SHAPE_KNOWN = 10  # videos, from which on their skewness and tails are estimated
STRAIGHT = 1e-6  # skewness of a mean below which Hall's transformation is rounding


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """The shape of estimated means, as the scores of their videos tell it.

    Attributes:
        skewness: of each mean, (C,); nan where videos are too few to tell.
        df: degrees of freedom of each mean's variance, (C,); infinite where nothing limits them.
    """

    skewness: FloatArray
    df: FloatArray


def tails(scores: FloatArray) -> Tails:
    """Return the shape of sums of scores.

    Args:
        scores: what each video adds to each mean, less its expectation, (V, C); 0 for a video that
            does not count in a column.
    """
    videos = (scores != 0).sum(axis=0)
    known = videos >= SHAPE_KNOWN
    n = np.where(known, videos, SHAPE_KNOWN)
    squares = scores * scores  # powers by np.power take ten times as long
    second, third, fourth = (p.sum(axis=0) for p in (squares, squares * scores, squares * squares))
    # Without the last factor the skewness of n values comes out too small (Joanes & Gill 1998).
    skewness = ratio_or_nan(third, second**1.5) * np.sqrt(n * (n - 1)) / (n - 2)
    df = ratio_or_nan(2 * second**2, fourth - second**2 / n)
    return Tails(np.where(known, skewness, np.nan), np.where(known & ~np.isnan(df), df, np.inf))


def df_of_weights(weights: FloatArray) -> FloatArray:
    """Return the degrees of freedom of a weighted mean's jackknife variance, (C,).

    Bell & McCaffrey (2002): Satterthwaite's for values of one variance; V - 1 for equal weights,
    0 for a single video.

    Args:
        weights: (V, C), of sum 1 in a column.
    """
    pulled = ratio_or_zero(weights, 1 - weights) ** 2
    squares = (weights**2).sum(axis=0)
    zero, one, two = ((pulled * weights**power).sum(axis=0) for power in (0, 1, 2))
    trace = (pulled * (1 - 2 * weights + squares)).sum(axis=0)
    # The residuals' covariance has entries [u = v] - w_u - w_v + Σ w²; their squares, summed.
    own = (pulled**2 * (1 - 4 * weights + 2 * squares)).sum(axis=0)
    pairs = 2 * zero * two + 2 * one**2 + squares**2 * zero**2 - 4 * squares * zero * one
    return ratio_or_zero(trace**2, own + pairs)


def limits(mean: float, error: float, critical: float, skewness: float) -> tuple[float, float]:
    """Return the limits of a mean whose estimate is skewed (Hall 1992, the cubic transformation).

    Args:
        mean: the estimate.
        error: its standard error.
        critical: quantile of a symmetric statistic.
        skewness: of the estimate.
    """

    def back(quantile: float) -> float:
        if abs(skewness) < STRAIGHT:
            return quantile
        return float(3 / skewness * (np.cbrt(1 + skewness * (quantile - skewness / 6)) - 1))

    return mean - error * back(critical), mean - error * back(-critical)
