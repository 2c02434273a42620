"""A small cast of experiments for the tests of the statistics room, each drawn from a seed."""

import numpy as np
from numpy.typing import ArrayLike

from experiments.stats.records import FloatArray, IntArray, VideoCounts, ViewerVideoCells

ARMS = ("raw", "seq2seq", "gevaden")


def draw_counts(
    seed: int = 0,
    *,
    videos: int = 60,
    views: float = 400.0,
    lifts: tuple[float, ...] = (1.0, 1.2, 1.375),
    ctr: float = 0.06,
    spread: float = 0.25,
) -> VideoCounts:
    """Videos with Gamma base rates, lifts that vary by `spread` over videos, Poisson views."""
    rng = np.random.default_rng(seed)
    base = rng.gamma(4, ctr / 4, videos)[:, None]
    size = (videos, len(lifts))
    rates = np.clip(base * np.array(lifts) * np.exp(rng.normal(0, spread, size)), 0, 1)
    seen = rng.poisson(views, size) + 1
    return VideoCounts(np.arange(videos) + 100, ARMS[: len(lifts)], seen, rng.binomial(seen, rates))


def draw_cells(
    seed: int = 0,
    *,
    rows: int = 3000,
    viewers: int = 80,
    videos: int = 30,
    sticky: bool = False,
    arms: tuple[str, ...] = ARMS,
) -> ViewerVideoCells:
    """Rows by (viewer, video, arm), with viewers and videos that click at rates of their own."""
    rng = np.random.default_rng(seed)
    viewer = rng.integers(0, viewers, rows)
    video = rng.integers(0, videos, rows)
    arm = viewer % len(arms) if sticky else rng.integers(0, len(arms), rows)
    logit = -2 + rng.normal(0, 0.8, viewers)[viewer] + rng.normal(0, 0.7, videos)[video]
    views = rng.integers(1, 4, rows)
    clicks = rng.binomial(views, 1 / (1 + np.exp(-logit)))
    return ViewerVideoCells(viewer + 7, video + 1000, arm, views, clicks, arms)


def counts_of(views: ArrayLike, clicks: ArrayLike) -> VideoCounts:
    """Counts written out by hand, (V, K) each."""
    seen, clicked = np.array(views), np.array(clicks)
    return VideoCounts(np.arange(seen.shape[0]) + 1, ARMS[: seen.shape[1]], seen, clicked)


def expand(cells: ViewerVideoCells) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """One row per impression: viewer, video, arm, clicked."""
    repeats = cells.views
    clicked = np.concatenate(
        [np.arange(n) < x for n, x in zip(cells.views, cells.clicks, strict=True)]
    )
    return (
        np.repeat(cells.viewer_ids, repeats),
        np.repeat(cells.video_ids, repeats),
        np.repeat(cells.arm_index, repeats),
        clicked.astype(np.float64),
    )
