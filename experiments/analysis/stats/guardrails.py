"""Guardrails: showing that a metric has not become worse by more than a margin.

Any ratio metric will do: watch-qualified clicks per view, bytes per view, load failures per view.
The margin is relative to control. The test is one-sided, at half of 1 - level, so that it agrees
with the two-sided interval of the relative change (Fieller; see contrast.py): the guardrail holds
exactly when that interval lies on the good side of the margin.
"""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.compare import ONCE
from experiments.analysis.stats.contrast import (
    Contrast,
    contrast,
    expected_events,
    improvement_estimate,
    two_sided_p,
)
from experiments.analysis.stats.engine import NEEDS_SUMS, honest_method
from experiments.analysis.stats.errors import DesignError, InputError
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.inclusion import include_videos
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.records import (
    LEVEL,
    FloatArray,
    IntArray,
    VideoRatios,
    check_level,
)
from experiments.analysis.stats.results import ArmMeans, Estimate, Method
from experiments.analysis.stats.welch import between_means
from experiments.unit import Unit


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """One arm's guardrail.

    Attributes:
        change: relative change of the metric against control.
        margin: the change for the worse that is still accepted, relative, such as 0.05.
        p_value: one-sided, of the null that the change is worse than the margin.
        holds: whether that null is rejected; False when it cannot be tested (see `reason`).
        worse: whether the metric has demonstrably changed for the worse, margin or not.
    """

    arm: str
    baseline: str
    margin: float
    higher_is_better: bool
    change: Estimate
    p_value: float
    holds: bool
    worse: bool
    reason: str = ""


def ratio_means(metric: VideoRatios, unit: Unit, *, min_count: int = 1) -> ArmMeans:
    """Return the mean over videos of a ratio metric in each arm, by the test of the design.

    Args:
        metric: sums and counts by video and arm.
        unit: what was randomised.
        min_count: a video counts where every arm has at least this denominator.

    Raises:
        DesignError: with assignment by viewer, which needs sums by viewer: give a metric that
            counts (watched, failed) to `estimate` as the clicks of sums and counts.
    """
    if unit is Unit.VIEWER:
        raise DesignError(f"unit == 'viewer' {NEEDS_SUMS} with the metric as clicks, to estimate")
    method = honest_method(unit, with_sums=False)
    inclusion = include_videos(metric.video_ids, metric.arms, metric.denominators, unit, min_count)
    of_ratios = between_means if method is Method.WELCH else paired_means
    kept = inclusion.included
    events = _events(metric.numerators[kept], metric.denominators[kept])
    return of_ratios(metric.arms, metric.ratios[kept], events)


def non_inferiority(
    means: ArmMeans,
    margin: float,
    *,
    higher_is_better: bool,
    level: float = LEVEL,
    horizon: Horizon = ONCE,
) -> tuple[NonInferiority, ...]:
    """Test every arm against control with a relative margin.

    Args:
        means: of the metric, from ratio_means or from estimate.
        margin: accepted relative change for the worse, over 0; below 1 where higher is better.
        higher_is_better: True for watches, False for bytes and failures.
        level: of the interval of the change.
        horizon: the way in which it is looked at.

    Raises:
        InputError: for a margin or level out of range.
    """
    check_level(level)
    if not margin > 0 or (higher_is_better and margin >= 1):
        most = "between 0 and 1" if higher_is_better else "over 0"
        raise InputError(f"margin == {margin}, must be {most}, such as 0.05")
    guarded = _Guarded(means, margin, level, horizon, higher_is_better=higher_is_better)
    return tuple(guarded.tested(arm, baseline) for arm, baseline in means.pairs)


@dataclass(frozen=True, slots=True, eq=False)
class _Guarded:
    """A guardrail over all arms."""

    means: ArmMeans
    margin: float
    level: float
    horizon: Horizon
    higher_is_better: bool

    def tested(self, arm: int, baseline: int) -> NonInferiority:
        """Return the guardrail of one arm."""
        pair = self.means.pair(self.means.arms[arm])
        c = contrast(self.means, arm, baseline)
        (judged,) = self.horizon.judge(pair, [c], self.level)
        c = replace(c, reason=c.reason or judged.reason)
        change = improvement_estimate(c, judged.alone, self.level)
        p_value = np.nan if change.reason else self._p_value(pair, c)
        return NonInferiority(
            arm=self.means.arms[arm],
            baseline=self.means.arms[baseline],
            margin=self.margin,
            higher_is_better=self.higher_is_better,
            change=change,
            p_value=p_value,
            holds=bool(p_value < (1 - self.level) / 2),
            worse=bool(change.high < 0 if self.higher_is_better else change.low > 0),
            reason=change.reason,
        )

    def _p_value(self, pair: ArmMeans, c: Contrast) -> float:
        """Return the one-sided p-value of the null that the change is worse than the margin."""
        sign = 1.0 if self.higher_is_better else -1.0
        limit = 1.0 - sign * self.margin  # the worst ratio of means still accepted
        distance = sign * (c.arm_mean - limit * c.baseline_mean)
        variance = c.arm_variance - 2 * limit * c.covariance + limit**2 * c.baseline_variance
        statistic = float(distance / np.sqrt(variance))
        at_limit = replace(c, statistic=statistic, p_value=two_sided_p(statistic, c.df))
        (judged,) = self.horizon.judge(pair, [at_limit], self.level)
        return judged.p_value / 2 if statistic > 0 else 1 - judged.p_value / 2


def _events(numerators: FloatArray, denominators: IntArray) -> FloatArray:
    # Whole sums count events; other amounts are carried by every view that has some.
    exposure = denominators.sum(axis=0)
    if np.all(numerators == np.floor(numerators)):
        return expected_events(numerators.sum(axis=0), exposure)
    return expected_events(np.where(numerators > 0, denominators, 0).sum(axis=0), exposure)
