"""Audit cases of skewed views and click rates, and of videos that are hardly seen."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.cuped import adjust_between
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.records import FloatArray, StratifiedCounts, VideoCounts
from experiments.analysis.stats.results import Estimate
from experiments.analysis.stats.summary import summarise
from experiments.analysis.stats.welch import between_means
from experiments.unit import Unit

LIFT = 0.2  # of every skewed case's second arm
SPREAD = 0.25  # s.d. of the log lift over videos


@dataclass(frozen=True, slots=True)
class Skewed:
    """Two arms on videos of which some have far more views, or far higher click rates, than most.

    Attributes:
        videos: how many.
        views: of a video in both arms, the median.
        views_spread: s.d. of log views; 0 for all alike.
        giant: share of all views that one video makes; 0 where none stands out.
        rate: median click rate of the control.
        rate_spread: s.d. of log click rates.
        hardly_seen: share of the videos that get four views in all, two an arm.
    """

    videos: int
    views: float
    views_spread: float = 0.0
    giant: float = 0.0
    rate: float = 0.04
    rate_spread: float = 0.7
    hardly_seen: float = 0.0
    figures: tuple[str, ...] = (
        "improvement", "mCTR", "pooled CTR", "improvement by views", "mClick",
    )  # fmt: skip

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw once and compare every interval with the truth."""
        counts = self._draw(rng)
        least = least_views(StratifiedCounts.constant(counts), 1)
        found = estimate(counts, Unit.VIEWER_VIDEO, min_views=least)
        arm = summarise(found)[1]
        by_video, by_views = (compare(means)[0] for means in (found.mean_ctr, found.pooled_ctr))
        truth = self.rate * np.exp(self.rate_spread**2 / 2) * (1 + LIFT)
        clicks = truth * self.views * np.exp(self.views_spread**2 / 2) / 2
        unequal = self.giant or self.hardly_seen  # then no one number is the mean of the clicks
        return (
            missed(by_video.improvement, LIFT),
            missed(arm.mean_ctr, truth),
            missed(arm.pooled_ctr, truth),
            missed(by_views.improvement, LIFT),
            np.nan if unequal else missed(arm.mean_clicks, clicks),
        )

    def _draw(self, rng: np.random.Generator) -> VideoCounts:
        base = self.rate * np.exp(self.rate_spread * rng.standard_normal(self.videos))
        own = np.exp(SPREAD * rng.standard_normal(self.videos) - SPREAD**2 / 2)
        rates = np.minimum(np.column_stack([base, base * (1 + LIFT) * own]), 1)
        views = rng.poisson(self._expected_views(rng)[:, None] / 2, rates.shape)
        return VideoCounts(
            np.arange(self.videos), ("control", "second"), views, rng.binomial(views, rates)
        )

    def _expected_views(self, rng: np.random.Generator) -> FloatArray:
        views = self.views * np.exp(self.views_spread * rng.standard_normal(self.videos))
        views[: int(self.hardly_seen * self.videos)] = 4.0
        if self.giant:
            views[-1] = views[:-1].sum() * self.giant / (1 - self.giant)
        return np.asarray(views)


@dataclass(frozen=True, slots=True)
class SkewedCovariates:
    """Whole videos assigned, and adjusted by click rates from before that have a long tail.

    Attributes:
        videos: of the control and of the arm.
        rate_spread: s.d. of log click rates.
    """

    videos: tuple[int, int]
    rate_spread: float = 1.0
    figures: tuple[str, ...] = ("CUPED, difference", "CUPED, improvement")

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw once, adjust, and compare with the truth."""
        size = sum(self.videos)
        base = 0.02 * np.exp(self.rate_spread * rng.standard_normal(size))
        before, after = (base * np.exp(0.2 * rng.standard_normal(size)) for _ in range(2))
        arm = rng.permutation(np.repeat([0, 1], self.videos))
        ratios = np.where(arm[:, None] == [0, 1], (after * (1 + LIFT * arm))[:, None], np.nan)
        means = between_means(("control", "second"), ratios, np.full(2, 1000.0))
        try:
            shown = compare(adjust_between(means, ratios, before).means)[0]
        except InputError:
            return np.nan, np.nan
        # Both draws of a rate are exp(0.2 z) times the base, whose mean is exp(0.2² / 2).
        truth = 0.02 * np.exp((self.rate_spread**2 + 0.2**2) / 2) * LIFT
        return missed(shown.difference, truth), missed(shown.improvement, LIFT)


SKEWED: dict[str, Skewed | SkewedCovariates] = {
    "50 videos, long tail of rates": Skewed(50, 4000.0, rate=0.01, rate_spread=1.0),
    "400 videos, long tail of rates": Skewed(400, 4000.0, rate=0.01, rate_spread=1.0),
    "400 videos, long tail of views": Skewed(400, 400.0, views_spread=1.0),
    "100 videos, one makes 5 % of views": Skewed(100, 400.0, giant=0.05),
    "100 videos, one makes 30 % of views": Skewed(100, 400.0, giant=0.3),
    "half of 100 videos hardly seen": Skewed(100, 3000.0, hardly_seen=0.5),
    "30 and 30 videos": SkewedCovariates((30, 30)),
    "48 and 12 videos": SkewedCovariates((48, 12)),
}
# Fieller's limits of a lift are wide where rates have a long tail, and those by views where views
# are unequal: the degrees of freedom suppose that effects, not clicks, are the noise.
WIDE = {"improvement": (93.5, 98.0), "CUPED, improvement": (93.5, 98.0),
        "improvement by views": (93.5, 99.0)}  # fmt: skip


def missed(shown: Estimate, truth: float) -> float:
    """Return 1 where an interval leaves out the truth, 0 where not, nan where it is refused."""
    if np.isnan(shown.low):
        return float("nan")
    return float(not shown.low <= truth <= shown.high)
