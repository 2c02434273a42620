"""Experiments drawn from a known truth, for the false-positive audit.

Every impression of viewer u on video v in arm k is clicked with probability
expit(base_k + a_u + b_v + e_uk + f_vk): viewers and videos click at rates of their own (a, b) and
respond to the arms in their own ways (e, f). All are normal, so that the true mCTR of an arm is one
integral. Arms share the distribution of e and f: with equal bases no arm is better on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.coded_sums import numbered
from experiments.analysis.stats.records import (
    FloatArray,
    IntArray,
    StratifiedCounts,
    VideoCounts,
    ViewerVideoSums,
)
from experiments.unit import Unit

ARM_NAMES = ("control", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Scenario:
    """The truth of a drawn experiment; the defaults are those of the design table.

    Attributes:
        rates: CTR of each arm for the average viewer and video, before the spreads; (K,).
        weights: share of the traffic of each arm, summing to 1; (K,).
        views: mean number of impressions of a video (Poisson), all arms together.
        activity_spread: s.d. of how often viewers come, on the log scale; 0 for all alike. At 1.8
            the top hundredth of the viewers makes about 4 of 10 views.
        viewer_spread, video_spread: s.d. of a and b, on the logit scale.
        effect_spread: s.d. over viewers and over videos of the difference of two arms' effects.
    """

    unit: Unit
    rates: tuple[float, ...] = (0.04, 0.04)
    weights: tuple[float, ...] = (0.5, 0.5)
    videos: int = 400
    viewers: int = 3000
    views: float = 60.0
    viewer_spread: float = 0.8
    video_spread: float = 0.7
    effect_spread: float = 0.0
    activity_spread: float = 0.0

    @property
    def arms(self) -> tuple[str, ...]:
        """Keys of the arms, (K,)."""
        return ARM_NAMES[: len(self.rates)]

    def mean_ctr(self) -> FloatArray:
        """Return the true mCTR of each arm, (K,), by Gauss-Hermite quadrature."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(80)
        variance = self.viewer_spread**2 + self.video_spread**2 + self.effect_spread**2
        logits = scipy.special.logit(np.array(self.rates))[:, None] + np.sqrt(variance) * nodes
        return np.asarray(scipy.special.expit(logits) @ weights / weights.sum())


def draw(scenario: Scenario, rng: np.random.Generator) -> ViewerVideoSums:
    """Draw one experiment, one row an impression."""
    views = rng.poisson(scenario.views, scenario.videos)
    video = np.repeat(np.arange(scenario.videos), views)
    viewer = _viewers(scenario, video.size, rng)
    arm = _assign(scenario, viewer, video, rng)
    clicked = rng.random(video.size) < scipy.special.expit(
        _logits(scenario, viewer, video, arm, rng)
    )
    ones = np.ones(video.size, dtype=np.int64)
    return ViewerVideoSums(
        viewer_ids=viewer,
        video_ids=video,
        stratum=np.zeros_like(video),
        arm_index=arm,
        views=ones,
        clicks=clicked.astype(np.int64),
        arms=scenario.arms,
        shares=np.array([scenario.weights]),
    )


def draw_counts(scenario: Scenario, rng: np.random.Generator) -> VideoCounts:
    """Draw one experiment as counts, the clicks of a video and arm being binomial.

    So they are where no viewer sees two thumbnails and viewers are alike: `viewer_spread` must be
    0, and the whole spread of the effects is over videos.
    """
    logits = video_logits(scenario, rng)
    views = rng.poisson(scenario.views * np.array(scenario.weights), logits.shape)
    clicks = rng.binomial(views, scipy.special.expit(logits))
    return VideoCounts(np.arange(scenario.videos), scenario.arms, views, clicks)


def draw_phases(
    scenario: Scenario,
    shares: Sequence[Sequence[float]],
    drift: float,
    rng: np.random.Generator,
) -> StratifiedCounts:
    """Draw phases of one experiment as counts, each of the scenario's views; see draw_counts.

    Args:
        scenario: of one phase.
        shares: of each arm in each phase, (S, K); a scenario's weights are not used.
        drift: factor by which the odds of a click grow from a phase to the next.
        rng: of the drawing.
    """
    dealt = np.array(shares)[:, None, :]
    grown = np.log(drift) * np.arange(len(shares))[:, None, None]
    logits = video_logits(scenario, rng) + grown
    views = rng.poisson(scenario.views * dealt, logits.shape)
    clicks = rng.binomial(views, scipy.special.expit(logits))
    ids = np.arange(scenario.videos)
    return StratifiedCounts(ids, scenario.arms, np.array(shares), views, clicks)


def video_logits(scenario: Scenario, rng: np.random.Generator) -> FloatArray:
    """Return the log odds of a click by video and arm, (V, K)."""
    shape = (scenario.videos, len(scenario.rates))
    by_video = scenario.video_spread * rng.standard_normal((scenario.videos, 1))
    own = scenario.effect_spread * rng.standard_normal(shape)
    return np.asarray(scipy.special.logit(np.array(scenario.rates)) + by_video + own)


def _viewers(scenario: Scenario, impressions: int, rng: np.random.Generator) -> IntArray:
    if not scenario.activity_spread:
        return rng.integers(scenario.viewers, size=impressions)
    activity = np.exp(scenario.activity_spread * rng.standard_normal(scenario.viewers))
    return rng.choice(scenario.viewers, impressions, p=activity / activity.sum())


def _logits(
    scenario: Scenario,
    viewer: IntArray,
    video: IntArray,
    arm: IntArray,
    rng: np.random.Generator,
) -> FloatArray:
    arms, own = len(scenario.rates), scenario.effect_spread / np.sqrt(2)
    base = scipy.special.logit(np.array(scenario.rates))
    by_viewer = rng.normal(0, scenario.viewer_spread, (scenario.viewers, 1)) + rng.normal(
        0, own, (scenario.viewers, arms)
    )
    by_video = rng.normal(0, scenario.video_spread, (scenario.videos, 1)) + rng.normal(
        0, own, (scenario.videos, arms)
    )
    return np.asarray(base[arm] + by_viewer[viewer, arm] + by_video[video, arm])


def _assign(
    scenario: Scenario, viewer: IntArray, video: IntArray, rng: np.random.Generator
) -> IntArray:
    """Deal the impressions to arms, the same arm for the same unit."""
    units = {
        Unit.VIEWER: viewer,
        Unit.VIDEO: video,
        Unit.VIEWER_VIDEO: viewer * scenario.videos + video,
        Unit.IMPRESSION: np.arange(viewer.size),
    }
    distinct, unit = numbered(units[scenario.unit])
    edges = np.cumsum(scenario.weights)[:-1]
    dealt: IntArray = np.searchsorted(edges, rng.random(distinct.size), side="right")
    return np.take(dealt, unit)
