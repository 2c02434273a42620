"""Pooled CTR, total clicks over total views: shown beside mCTR, never in its place."""

from dataclasses import replace

import numpy as np

from experiments.analysis.stats.records import (
    BoolArray,
    FloatArray,
    IntArray,
    ratio_or_nan,
    ratio_or_zero,
)
from experiments.analysis.stats.results import ArmMeans, Method
from experiments.analysis.stats.skewed import Tails, df_of_weights, tails
from experiments.analysis.stats.standardise import Columns

# Below it t quantiles are so large, and so far from what they should be, that nothing is said.
LEAST_DF = 5


def pooled_means(arms: tuple[str, ...], columns: Columns, method: Method) -> ArmMeans:
    """Return pooled CTRs, by one mix of strata, and their covariance with videos as the clusters.

    The error is the jackknife's over videos: the residuals (x_ksv - p_ks n_ksv) W_s / n_ks, each
    over 1 - n_ksv / n_ks, for a video of many views draws the rate to itself (Cochran 1977,
    sections 6.6 and 6.17). Where few videos make most of the views it is nan with the reason.

    Args:
        arms: (K,) keys.
        columns: what is estimated.
        method: the method of the design; with Welch each arm has its own videos.
    """
    videos = columns.included.sum(axis=0)
    leverage, scale = _leverage(columns), pooled_scale(columns)[:, None]
    residuals = columns.clicks - columns.pooled_cell_ctr[:, None] * columns.views
    scores = (residuals * scale * ratio_or_nan(np.ones_like(leverage), 1 - leverage)).sum(axis=0)
    df = df_of_weights((columns.weights[:, None] * leverage).sum(axis=0))
    heavy = (df < LEAST_DF) & (df < (videos - 1) / 2)
    covariance = scores.T @ scores
    covariance[heavy | (videos < 2)] = np.nan
    covariance[:, heavy | (videos < 2)] = np.nan
    return ArmMeans(
        arms=tuple(arms[arm] for arm in columns.arms),
        means=columns.pooled_ctr,
        terms=(("videos", covariance),),
        df=df,
        videos=videos,
        events=columns.expected_events,
        method=method,
        reason=_reason(videos, df, heavy),
        baselines=columns.baselines,
        effective_views=columns.pooled_effective_views,
        tails=_shape(scores, df < (videos - 1) / 3),
    )


def pooled_scale(columns: Columns) -> FloatArray:
    """Return W_s / n_ks, what one click adds to a pooled CTR, (S, C)."""
    return ratio_or_zero(columns.weights, columns.views.sum(axis=1))


def _leverage(columns: Columns) -> FloatArray:
    """Return n_ksv / n_ks, a video's part of a column's views in a stratum, (S, V, C)."""
    whole = np.broadcast_to(columns.views.sum(axis=1, keepdims=True), columns.views.shape)
    return ratio_or_zero(columns.views, whole)


def _shape(scores: FloatArray, unequal: BoolArray) -> Tails:
    """Return the shape of the rates; where views are unequal, scores do not tell a skewness."""
    shape = tails(scores)
    return replace(shape, skewness=np.where(unequal, np.nan, shape.skewness))


def _reason(videos: IntArray, df: FloatArray, heavy: BoolArray) -> str:
    if np.any(videos < 2):
        return "fewer than two videos"
    if not heavy.any():
        return ""
    return (
        f"a few videos make most of the views: together they tell as much as {df.min() + 1:.0f} of "
        "equal views, too few for an error"
    )
