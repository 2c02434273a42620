"""Arm means where each video is assigned to one arm: arms are independent samples of videos."""

import numpy as np

from experiments.analysis.stats.paired_t import small_sample
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.results import ArmMeans, Method
from experiments.analysis.stats.skewed import tails


def between_means(
    arms: tuple[str, ...],
    ratios: FloatArray,
    events: FloatArray,
    weights: FloatArray | None = None,
) -> ArmMeans:
    """Return the mean of each column's per-video ratios over its own videos.

    A contrast of two of these means is Welch's t-test (Welch 1947) between videos. With several
    strata the mean is Σ_s W_s c̄_ks, and a video that changed its arm is in both with its scores.

    Args:
        arms: the arm of each column, (C,) keys.
        ratios: c_ksv of the included videos, (V, C) or (S, V, C); nan in the arms that a video is
            not in.
        events: clicks expected by column, (C,); see expected_events.
        weights: W_s, (S, C); one stratum needs none.
    """
    by_stratum = ratios if ratios.ndim == 3 else ratios[None]
    weights = np.ones((1, len(arms))) if weights is None else weights
    seen = ~np.isnan(by_stratum)
    sizes = seen.sum(axis=1)  # (S, C)
    means = np.where(seen, by_stratum, 0.0).sum(axis=1) / np.where(sizes > 0, sizes, np.nan)
    scale = weights * small_sample(sizes) / np.maximum(sizes, 1)
    scores = np.where(seen, by_stratum - means[:, None], 0.0) * scale[:, None]
    used = np.where(weights[:, None] > 0, scores, 0.0).sum(axis=0)  # (V, C)
    videos = seen.any(axis=0).sum(axis=0)
    thin = [arm for arm, error in zip(arms, np.diag(used.T @ used), strict=True) if np.isnan(error)]
    # One thin arm leaves the others comparable: its nan stays in its own entries.
    return ArmMeans(
        arms=arms,
        means=np.where(weights > 0, weights * means, 0.0).sum(axis=0),
        terms=(("videos", used.T @ used),),
        df=(videos - 1).astype(np.float64),
        videos=videos,
        events=events,
        method=Method.WELCH,
        tails=tails(np.nan_to_num(used)),
        reason=f"fewer than two videos in {thin}" if thin else "",
    )
