"""The arm summary: the paper's Table 3 with the intervals it never printed."""

import numpy as np

from experiments.analysis.stats.contrast import ROUNDING, t_critical, too_few_events
from experiments.analysis.stats.records import LEVEL, FloatArray, VideoCounts, check_level
from experiments.analysis.stats.results import ArmMeans, ArmSummary, Estimate, Estimated


def summarise(estimated: Estimated, *, level: float = LEVEL) -> tuple[ArmSummary, ...]:
    """Return mPV, mClick, mCTR and pooled CTR of every arm over the included videos.

    The intervals of mCTR and pooled CTR are of the errors estimated. Those of mPV and mClick take
    the videos as a sample. All are t intervals on the log scale (standard error over mean, by the
    delta method): over videos these quantities are skewed to the right, and the symmetric interval
    would miss the truth from below too often.
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
        mean_clicks=mean_estimate(clicks.astype(np.float64), level),
        mean_ctr=arm_estimate(estimated.mean_ctr, own, level),
        pooled_ctr=arm_estimate(estimated.pooled_ctr, own, level),
    )


def mean_estimate(values: FloatArray, level: float) -> Estimate:
    """Return the mean of non-negative values over videos with its interval."""
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, level, "no video counts")
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean, np.nan, np.nan, level, "one video: no spread between videos")
    variance = float(values.var(ddof=1) / values.size)
    return _interval(mean, variance, values.size - 1, level, np.inf)


def arm_estimate(means: ArmMeans, column: int, level: float) -> Estimate:
    """Return one arm's mean CTR with the interval of its largest error term, at most 1.

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
    df = means.df if means.df_by_arm is None else float(means.df_by_arm[column])
    return _interval(mean, variance, df, level, 1.0)


def _interval(mean: float, variance: float, df: float, level: float, top: float) -> Estimate:
    if variance <= (ROUNDING * mean) ** 2:
        why = "the videos do not vary: there is no error to build an interval from"
        return Estimate(mean, np.nan, np.nan, level, why)
    factor = float(np.exp(t_critical(level, df) * np.sqrt(variance) / mean))
    return Estimate(mean, mean / factor, min(mean * factor, top), level)
