"""Views of a made-up experiment, cut into slices."""

import numpy as np

from experiments.analysis.stats.cut_moments import CutMoments, SlicedViews
from experiments.analysis.stats.records import BoolArray, IntArray

SHARES = np.ones((1, 2))


def draw_views(
    seed: int,
    lifts: tuple[float, ...],
    *,
    rows: int = 20_000,
    videos: int = 40,
    viewers: int = 800,
    sticky: bool = False,
) -> SlicedViews:
    """Draw views at random: the arm lifts clicks by so much in each slice; videos differ."""
    rng = np.random.default_rng(seed)
    viewer, video = rng.integers(0, viewers, rows), rng.integers(0, videos, rows)
    part = rng.integers(0, len(lifts), rows)
    arm = viewer % 2 if sticky else rng.integers(0, 2, rows)
    logit = -2.2 + rng.normal(0, 0.8, viewers)[viewer] + rng.normal(0, 0.5, videos)[video]
    rate = np.where(arm == 1, 1 + np.array(lifts)[part], 1.0) / (1 + np.exp(-logit))
    clicked = rng.random(rows) < rate
    viewer, pair = (_numbered(codes) for codes in (viewer, viewer * videos + video))
    return SlicedViews(viewer, pair, video, np.zeros(rows, np.int64), arm, part, clicked)


def moments_of(rows: SlicedViews, videos: int = 40) -> CutMoments:
    """Return the moments of views in one stratum and two arms."""
    return CutMoments.none(videos, (int(rows.slice.max()) + 1, 1, 2)).plus(rows)


def where(rows: SlicedViews, keep: BoolArray) -> SlicedViews:
    """Return some of the views, their viewers numbered anew."""
    return SlicedViews(
        _numbered(rows.viewer[keep]),
        _numbered(rows.pair[keep]),
        *(getattr(rows, name)[keep] for name in ("video", "stratum", "arm", "slice", "clicked")),
    )


def _numbered(codes: IntArray) -> IntArray:
    return np.unique(codes, return_inverse=True)[1]
