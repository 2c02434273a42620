"""Comparisons of arms with their control: the tests, and what is simultaneous over them."""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.contrast import (
    Contrast,
    contrast,
    difference_estimate,
    improvement_estimate,
    t_critical,
)
from experiments.analysis.stats.records import LEVEL, check_level
from experiments.analysis.stats.results import ArmMeans, Comparison
from experiments.analysis.stats.simultaneous import MaxT, contrast_correlation, holm, max_t


@dataclass(frozen=True, slots=True)
class _Family:
    """The comparisons made together; `joint` is None when none can be tested."""

    level: float
    joint: MaxT | None
    critical: float

    def p_value(self, c: Contrast) -> float:
        return self.joint.p_value(c.statistic) if self.joint and not c.reason else np.nan


def compare(means: ArmMeans, *, level: float = LEVEL) -> tuple[Comparison, ...]:
    """Compare each arm with its control, p-values and intervals adjusted by one method.

    A pair that cannot be tested is nan with its reason, and does not count among the comparisons
    that the others are adjusted for.
    """
    check_level(level)
    contrasts = [contrast(means, arm, baseline) for arm, baseline in means.pairs]
    joint = _joint(means, contrasts)
    family = _Family(level, joint, joint.critical(level) if joint else np.nan)
    holms = holm(np.array([c.p_value for c in contrasts]))
    return tuple(
        replace(_comparison(means, pair, c, family), p_value_holm=float(p_holm))
        for pair, c, p_holm in zip(means.pairs, contrasts, holms, strict=True)
    )


def _joint(means: ArmMeans, contrasts: list[Contrast]) -> MaxT | None:
    tested = [(p, c) for p, c in zip(means.pairs, contrasts, strict=True) if not c.reason]
    if not tested:
        return None
    # Welch's degrees of freedom differ by pair; the smallest is the cautious one.
    df = min(c.df for _, c in tested)
    return max_t(contrast_correlation(means, tuple(p for p, _ in tested)), df)


def _comparison(means: ArmMeans, pair: tuple[int, int], c: Contrast, family: _Family) -> Comparison:
    arm, baseline = pair
    level, alone, together = family.level, t_critical(family.level, c.df), family.critical
    return Comparison(
        arm=means.arms[arm],
        baseline=means.arms[baseline],
        videos=int(means.videos[[arm, baseline]].min()),
        method=means.method,
        error_term=c.error_term,
        difference=difference_estimate(c, alone, level),
        improvement=improvement_estimate(c, alone, level),
        standard_error=c.standard_error,
        df=c.df,
        statistic=c.statistic,
        p_value=c.p_value,
        p_value_adjusted=family.p_value(c),
        p_value_holm=np.nan,
        simultaneous_difference=difference_estimate(c, together, level),
        simultaneous_improvement=improvement_estimate(c, together, level),
        scope=means.scope,
        reason=c.reason,
    )
