"""Several metrics, one decision: the primary decides, guardrails can veto, the rest inform.

Each role is a family of its own. The primary metric is not adjusted for the others. An arm must
pass every guardrail, and a claim that all hold needs no adjustment (intersection-union, Berger
1982); their Holm-adjusted p-values stand beside. Secondary metrics are adjusted by Holm among
themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.guardrails import NonInferiority
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stats.simultaneous import holm


class Standing(StrEnum):
    """What the evidence says about one arm against the control."""

    BETTER = "better, and every guardrail is kept"
    GUARDED = "better, but a guardrail is not shown to be kept"
    WORSE = "worse"
    EQUAL = "no difference that matters"
    OPEN = "no difference shown"


@dataclass(frozen=True, slots=True)
class NamedP:
    """One metric's p-value and its Holm adjustment within its family."""

    metric: str
    p_value: float
    p_value_adjusted: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One arm's metrics by role, and where it stands."""

    arm: str
    standing: Standing
    primary: Comparison
    guardrails: tuple[NamedP, ...]
    broken: tuple[str, ...]
    secondary: tuple[NamedP, ...]

    @property
    def p_values(self) -> dict[str, NamedP]:
        """The p-values of every metric beside the primary, by its name."""
        return {named.metric: named for named in (*self.guardrails, *self.secondary)}


def scorecard(
    primary: Comparison,
    guardrails: Mapping[str, NonInferiority],
    secondary: Mapping[str, Comparison],
    margin: float = 0.0,
) -> Scorecard:
    """Judge one arm.

    Args:
        primary: of the metric that decides; its adjusted p-value (over arms) is used.
        guardrails: by metric name.
        secondary: by metric name.
        margin: a relative difference of the primary metric that is smaller does not matter.

    Raises:
        InputError: if the results are not all of the same arm and baseline.
    """
    others: list[tuple[str, Comparison | NonInferiority]] = [
        *guardrails.items(),
        *secondary.items(),
    ]
    for name, result in others:
        if (result.arm, result.baseline) != (primary.arm, primary.baseline):
            raise InputError(
                f"{name!r} compares {result.arm!r} with {result.baseline!r}, must compare "
                f"{primary.arm!r} with {primary.baseline!r} as the primary metric does"
            )
    broken = tuple(name for name, guardrail in guardrails.items() if not guardrail.holds)
    return Scorecard(
        arm=primary.arm,
        standing=_standing(primary, broken, margin),
        primary=primary,
        guardrails=_family(guardrails),
        broken=broken,
        secondary=_family(secondary),
    )


def _family(results: Mapping[str, Comparison] | Mapping[str, NonInferiority]) -> tuple[NamedP, ...]:
    p_values = np.array([result.p_value for result in results.values()], dtype=np.float64)
    return tuple(
        NamedP(name, float(p), float(adjusted))
        for name, p, adjusted in zip(results, p_values, holm(p_values), strict=True)
    )


def _standing(primary: Comparison, broken: tuple[str, ...], margin: float) -> Standing:
    kept = primary.simultaneous_improvement
    # Two one-sided tests of equivalence (Schuirmann 1987), read off the interval that is shown.
    if kept.low > -margin and kept.high < margin:
        return Standing.EQUAL
    if not primary.significant:
        return Standing.OPEN
    if primary.difference.value < 0:
        return Standing.WORSE
    return Standing.GUARDED if broken else Standing.BETTER
