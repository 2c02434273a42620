"""Group-sequential plans: a comparison at a few looks, by Lan-DeMets alpha spending."""

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
from experiments.analysis.stats.records import CONTROL, LEVEL, FloatArray, check_level
from experiments.analysis.stats.results import ArmMeans, Mode
from experiments.analysis.stats.sequential import (
    Look,
    SequentialResult,
    check_looks,
    normal_critical_to_t,
    normal_score,
    silent_look,
)
from experiments.analysis.stats.spending import Spending, bounds, spent


@dataclass(frozen=True, slots=True)
class SpendingPlan:
    """What is fixed before the first look.

    Attributes:
        spending: the spending function.
        planned_standard_error: of the difference at the planned end; 1 / its square is the
            information at which all of alpha is spent.
        exponent: of the power family; no other function uses it.
    """

    spending: Spending
    planned_standard_error: float
    exponent: float = 1.0

    def __post_init__(self) -> None:
        if not self.planned_standard_error > 0:
            raise InputError(
                f"planned_standard_error == {self.planned_standard_error}, must be positive"
            )
        if not self.exponent > 0:
            raise InputError(f"exponent == {self.exponent}, must be positive")


def group_sequential(
    looks: Sequence[ArmMeans],
    plan: SpendingPlan,
    arm: int,
    baseline: int = CONTROL,
    *,
    level: float = LEVEL,
    comparisons: int = 1,
    ended: bool = False,
) -> SequentialResult:
    """Return a comparison at every look of a plan, with repeated confidence intervals.

    Args:
        looks: cumulative arm means, in order of time.
        plan: what was fixed before the first look.
        arm: column of the arm.
        baseline: column of the baseline.
        level: of all looks, and of all comparisons, together.
        comparisons: how many are watched at once (Bonferroni).
        ended: whether the last look is the planned end, which spends what is left of alpha.

    Raises:
        InputError: for no looks, or numbers out of range.
    """
    alpha = (1 - check_level(level)) / check_looks(looks, comparisons)
    contrasts = [contrast(means, arm, baseline) for means in looks]
    schedule = _Schedule.of(contrasts, plan, ended=ended)
    shown = schedule.looks(contrasts, alpha, level)
    exponent = f", exponent {plan.exponent}" if plan.spending is Spending.POWER else ""
    return SequentialResult(
        mode=Mode.GROUP_SEQUENTIAL,
        rule=plan.spending.value + exponent,
        arm=looks[0].arms[arm],
        baseline=looks[0].arms[baseline],
        level=level,
        looks=shown,
    )


@dataclass(frozen=True, slots=True)
class _Schedule:
    """The looks that bring new information: their places, fractions of the plan, and the plan."""

    plan: SpendingPlan
    places: tuple[int, ...]
    fractions: tuple[float, ...]
    ended: bool

    @classmethod
    def of(cls, contrasts: list[Contrast], plan: SpendingPlan, *, ended: bool) -> "_Schedule":
        places, fractions, latest = [], [], 0.0
        for place, c in enumerate(contrasts):
            fraction = (plan.planned_standard_error / c.standard_error) ** 2
            if fraction > latest and latest < 1:  # False for nan, and once all alpha is spent
                places.append(place)
                fractions.append(fraction)
                latest = fraction
        return cls(plan, tuple(places), tuple(fractions), ended)

    def criticals(self, alpha: float) -> FloatArray:
        """Return the bounds of the places that bring new information."""
        last = len(self.fractions) - 1
        spent_by = [
            spent(
                self.plan.spending,
                1.0 if self.ended and i == last else fraction,
                alpha,
                self.plan.exponent,
            )
            for i, fraction in enumerate(self.fractions)
        ]
        return bounds(self.fractions, spent_by)

    def looks(self, contrasts: list[Contrast], alpha: float, level: float) -> tuple[Look, ...]:
        """Return every look; those without new information say so."""
        found = dict(zip(self.places, self.criticals(alpha), strict=True)) if self.places else {}
        fractions = dict(zip(self.places, self.fractions, strict=True))
        shown = []
        for place, c in enumerate(contrasts):
            fraction = fractions.get(place, np.nan)
            why = c.reason or _why_silent(found.get(place))
            if why:
                shown.append(silent_look(place + 1, c, level, fraction, why))
            else:
                shown.append(_spoken_look(place, c, float(found[place]), fraction, level))
        return self._with_last_p_value(shown, contrasts)

    def _with_last_p_value(self, shown: list[Look], contrasts: list[Contrast]) -> tuple[Look, ...]:
        if self.places and not shown[self.places[-1]].reason:
            last = self.places[-1]
            p_value = self._repeated_p_value(normal_score(contrasts[last]))
            shown[last] = replace(shown[last], p_value=p_value)
        return tuple(shown)

    def _repeated_p_value(self, z: float) -> float:
        """Return the smallest alpha at which this look would cross (Jennison & Turnbull 9.3)."""

        def excess(log_alpha: float) -> float:
            return float(self.criticals(np.exp(log_alpha))[-1]) - z

        low, high = np.log(1e-12), np.log(0.999)
        if excess(high) > 0:
            return 1.0
        if excess(low) <= 0:
            return 1e-12  # as far as the bounds are computed; the p-value is no larger
        return float(np.exp(scipy.optimize.brentq(excess, low, high, xtol=1e-6)))


def _why_silent(critical: float | None) -> str:
    if critical is None:
        return "no new information since the look before, or the plan had ended"
    return "the plan has no alpha to spend yet" if np.isinf(critical) else ""


def _spoken_look(place: int, c: Contrast, critical: float, fraction: float, level: float) -> Look:
    in_t = normal_critical_to_t(critical, c.df)
    return Look(
        number=place + 1,
        information_fraction=fraction,
        critical=critical,
        difference=difference_estimate(c, in_t, level),
        improvement=improvement_estimate(c, in_t, level),
        p_value=np.nan,
        crossed=abs(c.statistic) > in_t,
    )
