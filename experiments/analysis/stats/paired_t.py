"""Arm means over videos that carry every arm: the video is the block."""

import numpy as np

from experiments.analysis.stats.records import FloatArray, IntArray
from experiments.analysis.stats.results import ArmMeans, Method
from experiments.analysis.stats.skewed import Tails, tails


def paired_means(arms: tuple[str, ...], ratios: FloatArray, events: FloatArray) -> ArmMeans:
    """Return the mean of each column's per-video ratios, and their covariance over videos.

    A contrast of two of these means is the paired t-test over videos: its variance is that of
    the per-video differences divided by V.

    Args:
        arms: the arm of each column, (C,) keys.
        ratios: c̃_kv, (V, C); nan where a video does not count in a column.
        events: clicks expected by column, (C,); see expected_events.
    """
    means, covariance, videos, shape = over_videos(ratios)
    fewest = int(videos.min())
    reasons = {0: "no video counts", 1: "one video: no spread between videos"}
    return ArmMeans(
        arms=arms,
        means=means,
        terms=(("videos", covariance),),
        df=np.maximum(videos - 1, 0).astype(np.float64),
        videos=videos,
        events=events,
        method=Method.PAIRED_BY_VIDEO,
        reason=reasons.get(fewest, ""),
        tails=shape,
    )


def over_videos(ratios: FloatArray) -> tuple[FloatArray, FloatArray, IntArray, Tails]:
    """Return means over videos, their covariance, how many videos each is over, and their shape.

    Columns may be over other videos; those that two share make their covariance.

    Args:
        ratios: (V, C); nan where a video does not count in a column.

    Returns:
        means (C,), their covariance (C, C), nan with fewer than two videos, videos (C,), and tails.
    """
    seen = ~np.isnan(ratios)
    videos = seen.sum(axis=0)
    some = np.where(videos > 0, videos, np.nan)
    means = np.where(seen, ratios, 0.0).sum(axis=0) / some
    scores = np.where(seen, ratios - means, 0.0) / np.maximum(videos, 1)
    factor = small_sample(videos)
    return means, scores.T @ scores * np.outer(factor, factor), videos, tails(scores)


def small_sample(clusters: IntArray) -> FloatArray:
    """Return sqrt(n / (n - 1)), which makes a variance of n clusters unbiased; nan below two."""
    enough = np.where(clusters > 1, clusters, np.nan)
    return np.asarray(np.sqrt(enough / (enough - 1)))
