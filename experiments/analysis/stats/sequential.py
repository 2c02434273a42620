"""Confidence sequences: intervals that hold at every look at once, however often one looks.

The mean difference after a look with standard error s carries information I = 1 / s². Under the
asymptotic Gaussian approximation of its path, Robbins' normal mixture gives the band of
Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (arXiv 2103.06476, eq. 6), with t σ̂⁻² read as I:

    |difference - truth| <= sqrt( 2 (I ρ² + 1) / (I² ρ²) · log( sqrt(I ρ² + 1) / α ) )

and its always-valid p-value 1 / mixture = sqrt(I ρ² + 1) exp( -ρ² Z² I / (2 (I ρ² + 1)) ). The
random effects of videos keep the path's increments independent: they are in the first look's
difference and stay. The t distribution of the statistic is mapped to the normal one first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from experiments.analysis.stats.contrast import (
    Contrast,
    contrast,
    difference_estimate,
    improvement_estimate,
)
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import CONTROL, LEVEL, check_level
from experiments.analysis.stats.results import ArmMeans, Estimate, Mode

# Without a plan the band is tightest at this multiple of the first look's information.
TUNED_MULTIPLE = 10.0
DRIFT = "the bands of the looks do not overlap: the effect has changed over time"


@dataclass(frozen=True, slots=True)
class Look:
    """What may be said at one look.

    Attributes:
        number: 1 for the first.
        information_fraction: of the plan's; nan without a plan.
        critical: the |Z| that stops the experiment at this look; nan where `reason` says why.
        difference, improvement: intervals that hold at all looks together.
        p_value: valid at this look; for a confidence sequence the smallest so far; for a plan
            given at the last look only, else nan.
        crossed: whether this look's evidence crosses the rule.
    """

    number: int
    information_fraction: float
    critical: float
    difference: Estimate
    improvement: Estimate
    p_value: float
    crossed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SequentialResult:
    """An arm against a baseline over all looks so far, and whether the stopping rule was met.

    Attributes:
        rule: the rule in words, with its function named exactly.
    """

    mode: Mode
    rule: str
    arm: str
    baseline: str
    level: float
    looks: tuple[Look, ...]

    @property
    def stopped_at(self) -> int | None:
        """Number of the first look that crossed the rule; None when none has."""
        return next((look.number for look in self.looks if look.crossed), None)

    @property
    def stopping_rule_met(self) -> bool:
        """Whether the experiment may stop on this comparison."""
        return self.stopped_at is not None


def confidence_sequence(
    looks: Sequence[ArmMeans],
    arm: int,
    baseline: int = CONTROL,
    *,
    level: float = LEVEL,
    comparisons: int = 1,
    tuned_standard_error: float | None = None,
) -> SequentialResult:
    """Return the always-valid band of a comparison at every look.

    Args:
        looks: cumulative arm means, in order of time.
        arm: column of the arm.
        baseline: column of the baseline.
        level: of all looks, and of all comparisons, together.
        comparisons: how many are watched at once (Bonferroni).
        tuned_standard_error: where the band should be tightest: the planned final standard error,
            chosen without looking at the effects. By default it is set by the first look's.

    Raises:
        InputError: for no looks, or numbers out of range.
    """
    alpha = (1 - check_level(level)) / check_looks(looks, comparisons)
    contrasts = [contrast(means, arm, baseline) for means in looks]
    rho2 = _rho_squared(contrasts, tuned_standard_error)
    shown = [_look(i, c, alpha, rho2, level) for i, c in enumerate(contrasts, start=1)]
    return SequentialResult(
        mode=Mode.ALWAYS_VALID,
        rule="normal-mixture confidence sequence",
        arm=looks[0].arms[arm],
        baseline=looks[0].arms[baseline],
        level=level,
        looks=_running(shown, alpha),
    )


def mixture_critical(information: float, rho2: float, alpha: float) -> float:
    """Return the |Z| at the edge of the band; alpha and rho2 as in the module's formula."""
    x = information * rho2
    return float(np.sqrt(2 * (x + 1) / x * (np.log1p(x) / 2 - np.log(alpha))))


def mixture_p_value(z: float, information: float, rho2: float) -> float:
    """Return min(1, 1 / mixture likelihood ratio): an always-valid p-value."""
    x = information * rho2
    log_p = np.log1p(x) / 2 - x * z * z / (2 * (x + 1))
    return float(np.clip(np.exp(log_p), np.finfo(np.float64).tiny, 1.0))


def best_rho_squared(information: float, alpha: float) -> float:
    """Return the mixing variance that makes the band tightest at the given information.

    Waudby-Smith et al., appendix B.2: ρ² I = -W₋₁(-α² / e) - 1.
    """
    return float((-scipy.special.lambertw(-(alpha**2) / np.e, k=-1).real - 1) / information)


def normal_critical_to_t(critical: float, df: float) -> float:
    """Return the t value with the tail of a normal critical value."""
    return float(scipy.stats.t.isf(scipy.stats.norm.sf(critical), df))


def normal_score(c: Contrast) -> float:
    """Return the normal value with the tail of a contrast's t statistic."""
    size = scipy.stats.norm.isf(scipy.stats.t.sf(abs(c.statistic), c.df))
    # Past float64's smallest tail t and normal are told apart no more.
    return float(size) if np.isfinite(size) else abs(c.statistic)


def check_looks(looks: Sequence[ArmMeans], comparisons: int) -> int:
    """Return the number of comparisons; raise InputError when it or the looks cannot be."""
    if not looks:
        raise InputError("looks == [], must hold at least one")
    if comparisons < 1:
        raise InputError(f"comparisons == {comparisons}, must be at least 1")
    return comparisons


def silent_look(number: int, c: Contrast, level: float, fraction: float, reason: str) -> Look:
    """Return a look that says nothing, and why."""
    difference = Estimate(c.difference, np.nan, np.nan, level, reason)
    improvement = replace(improvement_estimate(c, np.nan, level), low=np.nan, high=np.nan)
    improvement = replace(improvement, reason=reason)
    return Look(
        number=number,
        information_fraction=fraction,
        critical=np.nan,
        difference=difference,
        improvement=improvement,
        p_value=np.nan,
        crossed=False,
        reason=reason,
    )


def _rho_squared(contrasts: list[Contrast], tuned: float | None) -> float:
    if tuned is not None and not tuned > 0:
        raise InputError(f"tuned_standard_error == {tuned}, must be positive")
    if tuned is None:
        first = next((c.standard_error for c in contrasts if not c.reason), np.nan)
        tuned = first / np.sqrt(TUNED_MULTIPLE)
    # At the conventional level whatever the level asked for: one band family, nested in alpha.
    return best_rho_squared(1 / tuned**2, 0.05)


def _look(number: int, c: Contrast, alpha: float, rho2: float, level: float) -> Look:
    if c.reason:
        return silent_look(number, c, level, np.nan, c.reason)
    information = 1 / c.standard_error**2
    critical = mixture_critical(information, rho2, alpha)
    in_t = normal_critical_to_t(critical, c.df)
    p_value = mixture_p_value(normal_score(c), information, rho2)
    return Look(
        number=number,
        information_fraction=np.nan,
        critical=critical,
        difference=difference_estimate(c, in_t, level),
        improvement=improvement_estimate(c, in_t, level),
        p_value=p_value,
        crossed=p_value < alpha,
    )


def _running(looks: list[Look], alpha: float) -> tuple[Look, ...]:
    """Intersect each band with those before it: what was once excluded stays excluded."""
    out: list[Look] = []
    before = None
    for look in looks:
        current = look
        if before is not None and not look.reason:
            p_value = min(before.p_value, look.p_value)
            current = replace(
                look,
                difference=_overlap(before.difference, look.difference),
                improvement=_overlap(before.improvement, look.improvement),
                p_value=p_value,
                crossed=p_value < alpha,
            )
        out.append(current)
        before = before if current.reason else current
    return tuple(out)


def _overlap(before: Estimate, now: Estimate) -> Estimate:
    low, high = np.fmax(before.low, now.low), np.fmin(before.high, now.high)
    if low > high:
        return replace(now, low=np.nan, high=np.nan, reason=DRIFT)
    reason = now.reason if np.isnan(low) or np.isinf(high) else ""
    return replace(now, low=float(low), high=float(high), reason=reason)
