"""Pooled CTR, total clicks over total views: shown beside mCTR, never in its place."""

import numpy as np
from statsmodels.stats.weightstats import DescrStatsW

from experiments.analysis.stats.contrast import expected_events
from experiments.analysis.stats.records import IntArray, ratio_or_nan
from experiments.analysis.stats.results import ArmMeans, Method


def pooled_means(
    arms: tuple[str, ...], views: IntArray, clicks: IntArray, method: Method
) -> ArmMeans:
    """Return pooled CTRs and their covariance with videos as the clusters.

    The error is that of the linearised ratio (Cochran 1977, section 6.6): the residuals
    (x_kv - p_k n_kv) / n_k summed by video.

    Args:
        arms: (K,) keys.
        views: n_kv of the included videos, (V, K).
        clicks: x_kv, (V, K).
        method: the method of the design; with Welch each arm has its own videos.
    """
    totals = views.sum(axis=0)
    pooled = ratio_or_nan(clicks.sum(axis=0), totals)
    videos = (views > 0).sum(axis=0)
    size = len(arms)
    covariance, reason = np.full((size, size), np.nan), "fewer than two videos"
    if np.all(videos > 1):
        scores = (clicks - pooled * views) / totals  # (V, K), each column sums to 0
        rows = views.shape[0]
        covariance, reason = DescrStatsW(scores, ddof=0).cov * rows, ""
        covariance *= np.sqrt(np.outer(videos / (videos - 1), videos / (videos - 1)))
    return ArmMeans(
        arms=arms,
        means=pooled,
        terms=(("videos", covariance),),
        df=float(max(videos.min() - 1, 0)),
        df_by_arm=(videos - 1).astype(np.float64) if method is Method.WELCH else None,
        videos=videos,
        events=expected_events(clicks.sum(axis=0), totals),
        method=method,
        reason=reason,
    )
