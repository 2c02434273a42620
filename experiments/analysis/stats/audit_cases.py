"""Cases that the audit draws, of known truth, each saying whether the engine was wrong.

A case is called with a random generator and returns one number for each of its figures: 1 where a
true null was rejected or a true value left out of its interval, 0 where not, nan where the engine
refused.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from experiments.analysis.stats.coded_sums import added_up
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.cuped import adjust_between
from experiments.analysis.stats.engine import estimate, estimate_mean_ctr
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.guardrails import non_inferiority, ratio_means
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import BoolArray, FloatArray, VideoCounts
from experiments.analysis.stats.results import ArmSummary, Comparison, Estimate, Method
from experiments.analysis.stats.scenarios import Scenario, draw, draw_counts, draw_phases
from experiments.analysis.stats.srm import srm
from experiments.analysis.stats.srm_slices import sequential_srm, srm_by_video
from experiments.analysis.stats.summary import summarise
from experiments.analysis.stats.two_way import inflation
from experiments.unit import Unit

Figures = tuple[float, ...]


class Case(Protocol):
    """A drawable experiment; `figures` names what a call returns."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the numbers that a call returns."""

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once and judge."""


@dataclass(frozen=True, slots=True)
class DesignCase:
    """A line of the design table: two equal arms, every test that the engine would pick."""

    scenario: Scenario

    @property
    def figures(self) -> tuple[str, ...]:
        """The tests that the design allows."""
        unit = self.scenario.unit
        if unit is Unit.VIDEO:
            return ("Welch",)
        return ("two-way",) if unit is Unit.VIEWER else ("two-way", "paired")

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once and test."""
        sums = draw(self.scenario, rng)
        unit = self.scenario.unit
        picked = [estimate_mean_ctr(sums, unit)]
        if "paired" in self.figures:
            picked.append(estimate_mean_ctr(added_up(sums), unit))
        return tuple(_rejected(compare(found)[0].p_value) for found in picked)


@dataclass(frozen=True, slots=True)
class FewVideos:
    """Two equal arms on few videos, judged by the sums of their viewers."""

    scenario: Scenario
    figures: tuple[str, ...] = ("as the engine picks",)

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once and test."""
        found = estimate_mean_ctr(draw(self.scenario, rng), self.scenario.unit)
        return (_rejected(compare(found)[0].p_value),)


@dataclass(frozen=True, slots=True)
class HeavyViewers:
    """Two equal arms and viewers of unequal activity: the paired test, widened."""

    scenario: Scenario
    figures: tuple[str, ...] = ("paired, widened",)

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once, widen and test."""
        sums = draw(self.scenario, rng)
        unit = self.scenario.unit
        both = estimate_mean_ctr(sums, unit)
        paired = estimate_mean_ctr(added_up(sums), unit, method=Method.PAIRED_BY_VIDEO)
        widened = paired.widened(inflation(both, paired), both.df)
        return (_rejected(compare(widened)[0].p_value),)


@dataclass(frozen=True, slots=True)
class ThreeArms:
    """Three equal arms: whether any of the adjusted comparisons rejects."""

    scenario: Scenario
    figures: tuple[str, ...] = ("multivariate t", "Holm")

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once and test."""
        counts = draw_counts(self.scenario, rng)
        found = compare(estimate_mean_ctr(counts, self.scenario.unit))
        return (
            _rejected(min(c.p_value_adjusted for c in found)),
            _rejected(min(c.p_value_holm for c in found)),
        )


@dataclass(frozen=True, slots=True)
class ChangedShares:
    """A true null while shares change from phase to phase and click rates drift.

    Attributes:
        scenario: of one phase; its weights are not used.
        shares: of each arm in each phase.
        drift: growth of the click odds from a phase to the next.
    """

    scenario: Scenario
    shares: tuple[tuple[float, ...], ...]
    drift: float

    @property
    def figures(self) -> tuple[str, ...]:
        """The comparisons with the control."""
        return tuple(f"arm {arm}" for arm in range(1, len(self.scenario.rates)))

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw every phase and test."""
        counts = draw_phases(self.scenario, self.shares, self.drift, rng)
        found = compare(estimate_mean_ctr(counts, self.scenario.unit))
        p_value = {line.arm: line.p_value for line in found}
        return tuple(_rejected(p_value[arm]) for arm in counts.arms[1:])


@dataclass(frozen=True, slots=True)
class Intervals:
    """Every interval of the summary and of the comparison, under an effect."""

    scenario: Scenario
    with_sums: bool = False

    @property
    def figures(self) -> tuple[str, ...]:
        """The intervals."""
        shown = ("difference", "improvement", "simultaneous", "mCTR", "pooled CTR")
        return shown if self.with_sums else (*shown, "mPV", "mClick")

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once and compare every interval with the truth."""
        drawn = (draw if self.with_sums else draw_counts)(self.scenario, rng)
        estimated = estimate(drawn, self.scenario.unit)
        found, arm = compare(estimated.mean_ctr), summarise(estimated)[-1]
        truth = self.scenario.mean_ctr()
        last = found[-1]
        values = (
            _missed(last.difference, truth[-1] - truth[0]),
            _missed(last.improvement, truth[-1] / truth[0] - 1),
            _any_missed(found, truth),
            *(_missed(e, t) for e, t in self._of_last_arm(arm, truth)),
        )
        return values[: len(self.figures)]

    def _of_last_arm(
        self, arm: ArmSummary, truth: FloatArray
    ) -> tuple[tuple[Estimate, float], ...]:
        mean_views = self.scenario.views * self.scenario.weights[-1]
        return (
            (arm.mean_ctr, truth[-1]),
            (arm.pooled_ctr, truth[-1]),
            (arm.mean_views, mean_views),
            (arm.mean_clicks, mean_views * truth[-1]),
        )


@dataclass(frozen=True, slots=True)
class Covariates:
    """CUPED intervals of assigned videos."""

    videos: int
    figures: tuple[str, ...] = ("CUPED, assigned videos",)

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw CTRs with a covariate that explains most of them."""
        base = rng.gamma(4, 0.015, self.videos)
        before = base * rng.normal(1, 0.2, self.videos)
        second = rng.permutation(self.videos) < self.videos // 2
        ctr = base * np.where(second, 1.2, 1.0) * rng.normal(1, 0.2, self.videos)
        counts = _assigned_counts(ctr, second)
        means = estimate_mean_ctr(counts, Unit.VIDEO)
        try:
            adjusted = adjust_between(means, counts.ctr, before)
        except InputError:  # a few videos decide
            return (np.nan,)
        return (_missed(compare(adjusted.means)[0].difference, 0.06 * 0.2),)


@dataclass(frozen=True, slots=True)
class Lifts:
    """Empirical Bayes: the prior's intervals and the videos' credible intervals."""

    videos: int
    views: float
    mean: float = 0.2
    spread: float = 0.25
    figures: tuple[str, ...] = ("prior mean", "prior spread", "videos' lifts")

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw lifts from the prior and clicks from the lifts."""
        theta = rng.normal(self.mean, self.spread, self.videos)
        base = rng.gamma(4, 0.01, self.videos)
        rates = np.column_stack([base, base * np.exp(theta)])
        views = rng.poisson(self.views, rates.shape)
        clicks = rng.binomial(views, np.clip(rates, 0, 1))
        counts = VideoCounts(np.arange(self.videos), ("control", "second"), views, clicks)
        found = video_lifts(counts, Unit.VIEWER_VIDEO, 1)
        lift = np.expm1(theta)
        outside = np.mean((lift < found.low) | (lift > found.high))
        return (
            _missed(found.prior.mean, self.mean),
            _missed(found.prior.spread, self.spread),
            float(outside),
        )


@dataclass(frozen=True, slots=True)
class Health:
    """Fair splits, and a metric exactly at its margin."""

    scenario: Scenario
    figures: tuple[str, ...] = ("SRM", "SRM by video", "guardrail at its margin")

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once for each check."""
        weights = self.scenario.weights
        units = rng.multinomial(20_000, weights)
        counts = draw_counts(self.scenario, rng)
        truth = self.scenario.mean_ctr()
        margin = float(1 - truth[1] / truth[0])
        at_margin = non_inferiority(
            ratio_means(counts.as_ratios(), self.scenario.unit),
            margin,
            higher_is_better=True,
            level=0.9,  # one-sided 5 %
        )[0]
        return (
            _rejected(srm(counts.arms, units, weights).p_value),
            _rejected(srm_by_video(counts, weights).p_value),
            _rejected(at_margin.p_value),
        )


@dataclass(frozen=True, slots=True)
class SequentialSplit:
    """A fair split looked at every day."""

    looks: int = 28
    figures: tuple[str, ...] = ("sequential SRM",)

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw every day."""
        units = rng.multinomial(2000, [0.5, 0.3, 0.2], self.looks)
        found = sequential_srm(units, [0.5, 0.3, 0.2], threshold=0.05)
        return (float(found.alarm_at is not None),)


def _assigned_counts(ctr: FloatArray, second: BoolArray) -> VideoCounts:
    views = 100_000 * np.column_stack([~second, second])
    clicks = np.rint(views * np.clip(ctr, 0, 1)[:, None]).astype(np.int64)
    return VideoCounts(np.arange(ctr.size), ("control", "second"), views, clicks)


def _rejected(p_value: float) -> float:
    return float("nan") if np.isnan(p_value) else float(p_value < 0.05)


def _missed(shown: Estimate, truth: float) -> float:
    if np.isnan(shown.low):
        return float("nan")
    return float(not shown.low <= truth <= shown.high)


def _any_missed(found: tuple[Comparison, ...], truth: FloatArray) -> float:
    missed = [
        _missed(c.simultaneous_difference, truth[k] - truth[0]) for k, c in enumerate(found, 1)
    ]
    return float(np.max(missed))
