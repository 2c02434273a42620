"""Arm means over videos that carry every arm: the video is the block."""

import numpy as np
from statsmodels.stats.weightstats import DescrStatsW

from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.results import ArmMeans, Method


def paired_means(arms: tuple[str, ...], ratios: FloatArray, events: FloatArray) -> ArmMeans:
    """Return the mean of each arm's per-video ratios, and their covariance over videos.

    A contrast of two of these means is the paired t-test over videos: its variance is that of
    the per-video differences divided by V.

    Args:
        arms: (K,) keys.
        ratios: c_kv of the included videos, (V, K), no nan.
        events: clicks expected by arm, (K,); see expected_events.
    """
    videos, size = ratios.shape
    means, covariance, reason = np.full(size, np.nan), np.full((size, size), np.nan), ""
    if videos:
        means = ratios.mean(axis=0)
    if videos > 1:
        covariance = DescrStatsW(ratios, ddof=1).cov / videos
    else:
        reason = "no video counts" if videos == 0 else "one video: no spread between videos"
    return ArmMeans(
        arms=arms,
        means=means,
        terms=(("videos", covariance),),
        df=float(max(videos - 1, 0)),
        df_by_arm=None,
        videos=np.full(size, videos),
        events=events,
        method=Method.PAIRED_BY_VIDEO,
        reason=reason,
    )
