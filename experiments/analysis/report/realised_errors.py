"""The self-audit as records and in words: the error rate found on the experiment's own log."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

from experiments.analysis.report.formatting import interval, percent
from experiments.analysis.stats.results import Estimate
from experiments.models import TwoWayError

SAID = {
    "split control": "half of the control's viewers against the other half",
    "permutation within videos": "clicks dealt anew among the arms of each video",
}


@dataclass(frozen=True, slots=True)
class RealisedRate:
    """How often a test found a difference where there is none.

    Attributes:
        kind: of nothing that was tested, see stats.self_audit.
        method: the test.
        nominal: the rate that was promised.
        rate: the rate that was found, with its interval.
        tests: how many were made.
        alarm: whether the rate is above the nominal one beyond chance.
    """

    kind: str
    method: str
    nominal: float
    rate: Estimate
    tests: int
    alarm: bool


def realised_rates(found: TwoWayError | None) -> tuple[RealisedRate, ...]:
    """Return the rates that were computed aside; none before they were."""
    return tuple(map(_rate, found.realised_errors)) if found else ()


def _rate(kept: Mapping[str, Any]) -> RealisedRate:
    value, low, high = (_number(kept["rate"][name]) for name in ("value", "low", "high"))
    rate = Estimate(value, low, high, kept["rate"]["level"], kept["rate"]["reason"])
    alarm = low > kept["nominal"]
    return RealisedRate(kept["kind"], kept["method"], kept["nominal"], rate, kept["tests"], alarm)


def said(line: RealisedRate) -> str:
    """Return one rate beside the promised one."""
    what, rate = SAID[line.kind], line.rate
    if isnan(rate.value):
        return f"On its own log, {what}: {rate.reason}."
    found = (
        f"On its own log, {what}: {percent(rate.value, 1)} of {line.tests} tests found a "
        f"difference ({interval(rate, 1)}), where {percent(line.nominal, 0)} should; test: "
        f"{line.method}"
    )
    return (
        f"{found}. That is too many: intervals here are too narrow." if line.alarm else f"{found}."
    )


def _number(kept: float | None) -> float:
    return nan if kept is None else kept
