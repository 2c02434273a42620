"""The arm summary: the paper's Table 3 with the intervals it never printed."""

from dataclasses import replace

import numpy as np

from experiments.analysis.stats.contrast import ROUNDING, t_critical, too_few_events
from experiments.analysis.stats.records import LEVEL, FloatArray, IntArray, VideoCounts, check_level
from experiments.analysis.stats.results import (
    SAME_IN_EVERY_VIDEO,
    ArmMeans,
    ArmSummary,
    Estimate,
    Estimated,
)
from experiments.analysis.stats.skewed import Tails, limits, tails


def summarise(estimated: Estimated, *, level: float = LEVEL) -> tuple[ArmSummary, ...]:
    """Return mPV, mClick, mCTR and pooled CTR of every arm over the included videos.

    The intervals of mCTR and pooled CTR are of the errors estimated. Those of mPV and mClick take
    the videos as a sample. Over videos these quantities are skewed to the right and heavy-tailed,
    and a symmetric t interval would miss the truth from below too often: `skewed` says what is done
    about it. A mean over too few videos to tell their shape, and a pooled CTR of unequal views, has
    its t interval on the log scale (standard error over mean, by the delta method).
    """
    check_level(level)
    kept = estimated.included
    return tuple(_arm_summary(kept, estimated, column, level) for column in range(len(kept.arms)))


def _arm_summary(kept: VideoCounts, estimated: Estimated, column: int, level: float) -> ArmSummary:
    seen = kept.views[:, column] > 0
    views, clicks = kept.views[seen, column], kept.clicks[seen, column]
    own = estimated.mean_ctr.arms.index(kept.arms[column])
    return ArmSummary(
        arm=kept.arms[column],
        videos=int(seen.sum()),
        views=int(views.sum()),
        clicks=int(clicks.sum()),
        mean_views=mean_estimate(views.astype(np.float64), level),
        mean_clicks=_mean_clicks(clicks, too_few_events(estimated.mean_ctr, own), level),
        mean_ctr=arm_estimate(estimated.mean_ctr, own, level),
        pooled_ctr=arm_estimate(estimated.pooled_ctr, own, level),
    )


def _mean_clicks(clicks: IntArray, too_few: str, level: float) -> Estimate:
    """Return mClick; of too few clicks without an interval, which would cover 98 %, not 95."""
    found = mean_estimate(clicks.astype(np.float64), level)
    if not too_few or found.reason:
        return found
    return replace(found, low=np.nan, high=np.nan, reason=too_few)


def mean_estimate(values: FloatArray, level: float) -> Estimate:
    """Return the mean of non-negative values over videos with its interval."""
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, level, "no video counts")
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean, np.nan, np.nan, level, "one video: no spread between videos")
    variance = float(values.var(ddof=1) / values.size)
    shape = tails((values - mean)[:, None] / values.size)
    return _interval(mean, variance, level, *_known(shape, 0, values.size - 1))


def arm_estimate(means: ArmMeans, column: int, level: float) -> Estimate:
    """Return one arm's mean with the interval of its largest error term; a CTR is at most 1.

    Without a click the interval is Clopper & Pearson's (1934): videos that do not vary are no
    certainty.
    """
    mean = float(means.means[column])
    variance = float(np.max([matrix[column, column] for _, matrix in means.terms]))
    reason = means.reason if np.isnan(variance) else too_few_events(means, column)
    if reason:
        return Estimate(mean, np.nan, np.nan, level, reason)
    if mean == 0 and means.effective_views is not None:
        high = -np.log((1 - level) / 2) / float(means.effective_views[column])
        return Estimate(0.0, 0.0, min(high, 1.0), level)
    found = _interval(mean, variance, level, *_known(means.tails, column, float(means.df[column])))
    is_ctr = means.effective_views is not None
    return replace(found, high=min(found.high, 1.0)) if is_ctr else found


def _known(shape: Tails | None, column: int, df: float) -> tuple[float, float]:
    """Return the degrees of freedom and the skewness of a mean; nan where it is not known."""
    if shape is None:
        return df, np.nan
    return min(df, float(shape.df[column])), float(shape.skewness[column])


def _interval(mean: float, variance: float, level: float, df: float, skewness: float) -> Estimate:
    if variance <= (ROUNDING * mean) ** 2:
        return Estimate(mean, np.nan, np.nan, level, SAME_IN_EVERY_VIDEO)
    critical, error = t_critical(level, df), float(np.sqrt(variance))
    if np.isnan(skewness):
        factor = float(np.exp(critical * error / mean))
        return Estimate(mean, mean / factor, mean * factor, level)
    low, high = limits(mean, error, critical, skewness)
    return Estimate(mean, max(low, 0.0), high, level)
