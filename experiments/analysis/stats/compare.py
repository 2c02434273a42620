"""Comparisons of arms with their control: the tests, and what is simultaneous over them."""

from dataclasses import replace

import numpy as np

from experiments.analysis.stats.contrast import (
    Contrast,
    contrast,
    difference_estimate,
    improvement_estimate,
)
from experiments.analysis.stats.horizon import FixedHorizon, Horizon, Judged
from experiments.analysis.stats.records import LEVEL, check_level
from experiments.analysis.stats.results import ArmMeans, Comparison
from experiments.analysis.stats.simultaneous import holm

ONCE = FixedHorizon()


def compare(
    means: ArmMeans, *, level: float = LEVEL, horizon: Horizon = ONCE
) -> tuple[Comparison, ...]:
    """Compare each arm with its control, p-values and intervals adjusted by one method.

    A pair that cannot be tested is nan with its reason, and does not count among the comparisons
    that the others are adjusted for.

    Args:
        means: of the arms.
        level: of confidence, over all comparisons and all looks that the horizon allows.
        horizon: the way in which they are looked at.
    """
    check_level(level)
    contrasts = [contrast(means, arm, baseline) for arm, baseline in means.pairs]
    judged = horizon.judge(means, contrasts, level)
    holms = holm(np.array([found.p_value for found in judged]))
    return tuple(
        replace(_comparison(means, pair, c, found, level), p_value_holm=float(p_holm))
        for pair, c, found, p_holm in zip(means.pairs, contrasts, judged, holms, strict=True)
    )


def _comparison(
    means: ArmMeans, pair: tuple[int, int], c: Contrast, judged: Judged, level: float
) -> Comparison:
    arm, baseline = pair
    if judged.reason and not c.reason:
        c = replace(c, reason=judged.reason)
    return Comparison(
        arm=means.arms[arm],
        baseline=means.arms[baseline],
        videos=int(means.videos[[arm, baseline]].min()),
        method=means.method,
        error_term=c.error_term,
        difference=difference_estimate(c, judged.alone, level),
        improvement=improvement_estimate(c, judged.alone, level),
        standard_error=c.standard_error,
        df=c.df,
        statistic=c.statistic,
        p_value=judged.p_value,
        p_value_adjusted=judged.p_value_adjusted,
        p_value_holm=np.nan,
        simultaneous_difference=difference_estimate(c, judged.together, level),
        simultaneous_improvement=improvement_estimate(c, judged.together, level),
        scope=means.scope,
        reason=c.reason,
    )
