"""Arm means where each video is assigned to one arm: arms are independent samples of videos."""

import numpy as np

from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.results import ArmMeans, Method


def between_means(arms: tuple[str, ...], ratios: FloatArray, events: FloatArray) -> ArmMeans:
    """Return the mean of each arm's per-video ratios over its own videos.

    A contrast of two of these means is Welch's t-test (Welch 1947) between videos.

    Args:
        arms: (K,) keys.
        ratios: c_kv of the included videos, (V, K); nan in the arms that a video is not in.
        events: clicks expected by arm, (K,); see expected_events.
    """
    samples = [column[~np.isnan(column)] for column in ratios.T]
    sizes = np.array([sample.size for sample in samples])
    means = np.array([sample.mean() if sample.size else np.nan for sample in samples])
    variances = np.array(
        [sample.var(ddof=1) / sample.size if sample.size > 1 else np.nan for sample in samples]
    )
    thin = [arm for arm, size in zip(arms, sizes, strict=True) if size < 2]
    # One thin arm leaves the others comparable: its nan stays in its own entry.
    return ArmMeans(
        arms=arms,
        means=means,
        terms=(("videos", np.diag(variances)),),
        df=np.nan,
        df_by_arm=(sizes - 1).astype(np.float64),
        videos=sizes,
        events=events,
        method=Method.WELCH,
        reason=f"fewer than two videos in {thin}" if thin else "",
    )
