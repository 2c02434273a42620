"""A small cast of experiments for the tests of the statistics room, each drawn from a seed."""

import numpy as np
from numpy.typing import ArrayLike

from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.records import (
    FloatArray,
    IntArray,
    StratifiedCounts,
    VideoCounts,
    ViewerVideoSums,
)
from experiments.analysis.stats.results import ArmMeans, Method

ARMS = ("raw", "seq2seq", "gevaden")
MANY = np.full(3, 1000.0)  # clicks by arm, where a test is of something else


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


def in_strata(counts: VideoCounts, shares: list[list[int]]) -> StratifiedCounts:
    """The counts dealt out over strata at random."""
    rng = np.random.default_rng(0)
    even = np.full(len(shares), 1 / len(shares))
    clicks = np.moveaxis(rng.multinomial(counts.clicks, even), -1, 0)
    missed = np.moveaxis(rng.multinomial(counts.views - counts.clicks, even), -1, 0)
    return StratifiedCounts(
        counts.video_ids, counts.arms, np.array(shares), clicks + missed, clicks
    )


def draw_sums(
    seed: int = 0,
    *,
    rows: int = 3000,
    viewers: int = 80,
    videos: int = 30,
    sticky: bool = False,
    arms: tuple[str, ...] = ARMS,
) -> ViewerVideoSums:
    """Rows by (viewer, video, arm), with viewers and videos that click at rates of their own."""
    rng = np.random.default_rng(seed)
    viewer = rng.integers(0, viewers, rows)
    video = rng.integers(0, videos, rows)
    arm = viewer % len(arms) if sticky else rng.integers(0, len(arms), rows)
    logit = -2 + rng.normal(0, 0.8, viewers)[viewer] + rng.normal(0, 0.7, videos)[video]
    views = rng.integers(1, 4, rows)
    clicks = rng.binomial(views, 1 / (1 + np.exp(-logit)))
    return ViewerVideoSums(
        viewer_ids=viewer + 7,
        video_ids=video + 1000,
        stratum=np.zeros(rows, dtype=np.int64),
        arm_index=arm,
        views=views,
        clicks=clicks,
        arms=arms,
        shares=np.ones((1, len(arms))),
    )


def means_of(effect: float, standard_error: float) -> ArmMeans:
    """Two arms at 0.3 and 0.3 + effect, so many videos that t is normal."""
    variance = standard_error**2 / 2
    return ArmMeans(
        arms=ARMS[:2],
        means=np.array([0.3, 0.3 + effect]),
        terms=(("videos", np.diag([variance, variance])),),
        df=np.full(2, 1e7),
        videos=np.full(2, 10**7),
        events=MANY[:2],
        method=Method.PAIRED_BY_VIDEO,
        reason="not known" if np.isnan(standard_error) else "",
    )


def growing_means(seed: int, *, looks: int, lift: float = 1.0, videos: int = 80) -> list[ArmMeans]:
    """Cumulative arm means of an experiment whose traffic grows by the same amount each look."""
    rng = np.random.default_rng(seed)
    base = rng.gamma(4, 0.015, videos)[:, None]
    rates = base * np.array([1.0, lift]) * np.exp(rng.normal(0, 0.15, (videos, 2)))
    views = rng.poisson(40, (looks, videos, 2)) + 1
    clicks = rng.binomial(views, np.clip(rates, 0, 1)).cumsum(axis=0)
    ratios = clicks / views.cumsum(axis=0)
    return [paired_means(ARMS[:2], ratio, MANY[:2]) for ratio in ratios]


def counts_of(views: ArrayLike, clicks: ArrayLike) -> VideoCounts:
    """Counts written out by hand, (V, K) each."""
    seen, clicked = np.array(views), np.array(clicks)
    return VideoCounts(np.arange(seen.shape[0]) + 1, ARMS[: seen.shape[1]], seen, clicked)


def expand(sums: ViewerVideoSums) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """One row per impression: viewer, video, arm, clicked."""
    repeats = sums.views
    clicked = np.concatenate(
        [np.arange(n) < x for n, x in zip(sums.views, sums.clicks, strict=True)]
    )
    return (
        np.repeat(sums.viewer_ids, repeats),
        np.repeat(sums.video_ids, repeats),
        np.repeat(sums.arm_index, repeats),
        clicked.astype(np.float64),
    )
