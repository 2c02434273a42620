"""Pooled CTR, total clicks over total views: shown beside mCTR, never in its place."""

import numpy as np

from experiments.analysis.stats.paired_t import small_sample
from experiments.analysis.stats.records import FloatArray, ratio_or_nan
from experiments.analysis.stats.results import ArmMeans, Method
from experiments.analysis.stats.standardise import Columns


def pooled_means(arms: tuple[str, ...], columns: Columns, method: Method) -> ArmMeans:
    """Return pooled CTRs, by one mix of strata, and their covariance with videos as the clusters.

    The error is that of the linearised ratio (Cochran 1977, section 6.6): the residuals
    (x_ksv - p_ks n_ksv) W_s / n_ks summed by video.

    Args:
        arms: (K,) keys.
        columns: what is estimated.
        method: the method of the design; with Welch each arm has its own videos.
    """
    videos = columns.included.sum(axis=0)
    residuals = columns.clicks - columns.pooled_cell_ctr[:, None] * columns.views
    scores = (residuals * pooled_scale(columns)[:, None]).sum(axis=0)  # (V, C)
    factor = small_sample(videos)
    return ArmMeans(
        arms=tuple(arms[arm] for arm in columns.arms),
        means=columns.pooled_ctr,
        terms=(("videos", scores.T @ scores * np.outer(factor, factor)),),
        df=float(max(videos.min() - 1, 0)),
        df_by_arm=(videos - 1).astype(np.float64) if method is Method.WELCH else None,
        videos=videos,
        events=columns.expected_events,
        method=method,
        reason="" if np.all(videos > 1) else "fewer than two videos",
        baselines=columns.baselines,
        effective_views=columns.pooled_effective_views,
    )


def pooled_scale(columns: Columns) -> FloatArray:
    """Return W_s / n_ks, what one click adds to a pooled CTR, (S, C)."""
    return np.nan_to_num(ratio_or_nan(columns.weights, columns.views.sum(axis=1)))
