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


class Verdict(StrEnum):
    """What the evidence says about one arm."""

    BETTER = "better, and no guardrail is broken"
    GUARDED = "better, but a guardrail is not shown to hold"
    WORSE = "worse"
    OPEN = "no difference shown"


@dataclass(frozen=True, slots=True)
class NamedP:
    """One metric's p-value and its Holm adjustment within its family."""

    metric: str
    p_value: float
    p_value_adjusted: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One arm's metrics by role, and the verdict."""

    arm: str
    verdict: Verdict
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
) -> Scorecard:
    """Judge one arm.

    Args:
        primary: of the metric that decides; its adjusted p-value (over arms) is used.
        guardrails: by metric name.
        secondary: by metric name.

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
        verdict=_verdict(primary, broken),
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


def _verdict(primary: Comparison, broken: tuple[str, ...]) -> Verdict:
    if not primary.significant:
        return Verdict.OPEN
    if primary.difference.value < 0:
        return Verdict.WORSE
    return Verdict.GUARDED if broken else Verdict.BETTER
