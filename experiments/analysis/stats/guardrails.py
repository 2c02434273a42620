"""Guardrails: showing that a metric has not become worse by more than a margin.

Any ratio metric will do: watch-qualified clicks per view, bytes per view, load failures per view.
The margin is relative to control. The test is one-sided, at half of 1 - level, so that it agrees
with the two-sided interval of the relative change (Fieller; see contrast.py): the guardrail holds
exactly when that interval lies on the good side of the margin.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.contrast import (
    contrast,
    expected_events,
    improvement_estimate,
    t_critical,
)
from experiments.analysis.stats.engine import NEEDS_SUMS, honest_method
from experiments.analysis.stats.errors import DesignError, InputError
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
        margin: the change for the worse that is still accepted, as a share, such as 0.05.
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
    means: ArmMeans, margin: float, *, higher_is_better: bool, level: float = LEVEL
) -> tuple[NonInferiority, ...]:
    """Test every arm against control with a relative margin.

    Args:
        means: of the metric, from ratio_means or from estimate.
        margin: accepted relative change for the worse, between 0 and 1.
        higher_is_better: True for watches, False for bytes and failures.
        level: of the interval of the change.

    Raises:
        InputError: for a margin or level out of range.
    """
    check_level(level)
    if not 0 < margin < 1:
        raise InputError(f"margin == {margin}, must be between 0 and 1, such as 0.05")
    return tuple(
        _guarded(means, pair, margin, level, higher_is_better=higher_is_better)
        for pair in means.pairs
    )


def _guarded(
    means: ArmMeans,
    pair: tuple[int, int],
    margin: float,
    level: float,
    *,
    higher_is_better: bool,
) -> NonInferiority:
    arm, baseline = pair
    c = contrast(means, arm, baseline)
    change = improvement_estimate(c, t_critical(level, c.df), level)
    sign = 1.0 if higher_is_better else -1.0
    limit = 1.0 - sign * margin  # the worst ratio of means still accepted
    variance = c.arm_variance - 2 * limit * c.covariance + limit * limit * c.baseline_variance
    p_value = np.nan
    if not change.reason:
        distance = sign * (c.arm_mean - limit * c.baseline_mean)
        p_value = float(scipy.stats.t.sf(distance / np.sqrt(variance), c.df))
    return NonInferiority(
        arm=means.arms[arm],
        baseline=means.arms[baseline],
        margin=margin,
        higher_is_better=higher_is_better,
        change=change,
        p_value=p_value,
        holds=bool(p_value < (1 - level) / 2),
        worse=bool(change.high < 0 if higher_is_better else change.low > 0),
        reason=change.reason,
    )


def _events(numerators: FloatArray, denominators: IntArray) -> FloatArray:
    # Whole sums count events; other amounts are carried by every view that has some.
    exposure = denominators.sum(axis=0)
    if np.all(numerators == np.floor(numerators)):
        return expected_events(numerators.sum(axis=0), exposure)
    return expected_events(np.where(numerators > 0, denominators, 0).sum(axis=0), exposure)
