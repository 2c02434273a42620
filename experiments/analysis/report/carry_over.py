"""Carry-over as records and in words: whether what units saw before is in an arm's clicks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from experiments.analysis.carry_over import carry_over_of
from experiments.analysis.report.formatting import interval, p_value, signed_percent, whole
from experiments.analysis.stats.carry_over import CarryOver
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.results import Estimate
from experiments.analysis.stats.simultaneous import holm
from experiments.models import TwoWayError

ALARM = 0.01  # a smaller p, adjusted, says that something carries over


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """One arm.

    Attributes:
        views: of units that come back and saw this arm before, and `views_moved` of those that saw
            another; `ctr` and `ctr_moved` are their clicks per view within spans.
        change: of the second against the first, relative; `reason` says why it is undefined.
        p_value: that there is none, adjusted for all arms (Holm).
    """

    arm: str
    views: int
    views_moved: int
    ctr: float
    ctr_moved: float
    change: Estimate
    p_value: float

    @property
    def is_clear(self) -> bool:
        """Whether something carries over beyond chance; never where it cannot be tested."""
        return self.p_value < ALARM


def read_carry_over(
    found: TwoWayError | None, names: Sequence[str], level: float, horizon: Horizon
) -> tuple[CarriedOver, ...]:
    """Return what was computed aside, read as the report is; none before, and without changes.

    Args:
        found: what was computed.
        names: of the arms.
        level: of the intervals.
        horizon: the way in which it is looked at.
    """
    kept = carry_over_of(found.carry_over) if found else ()
    lines = [compare(each.means, level=level, horizon=horizon)[0] for each in kept]
    adjusted = holm(np.array([line.p_value for line in lines], dtype=np.float64))
    return tuple(
        _line(names[each.arm], each, line.improvement, float(p))
        for each, line, p in zip(kept, lines, adjusted, strict=True)
    )


def _line(arm: str, found: CarryOver, change: Estimate, p: float) -> CarriedOver:
    (stayed, moved), (ctr, ctr_moved) = found.views, found.means.means.tolist()
    return CarriedOver(arm, stayed, moved, ctr, ctr_moved, change, p)


def said(line: CarriedOver) -> str:
    """Return what units that moved into an arm do there, beside those that were in it before."""
    who = (
        f"In {line.arm}, {whole(line.views_moved)} views are of units that saw another arm before "
        f"a change of shares, {whole(line.views)} of units that saw {line.arm} then, too"
    )
    if isnan(line.p_value):
        return f"{who}: whether it changes their clicks cannot be told ({line.change.reason})."
    size = (
        f"{signed_percent(line.change.value)} clicks per view "
        f"({interval(line.change, 1, signed=True)}), p {p_value(line.p_value)}, adjusted"
    )
    if line.is_clear:
        return f"{who}. What they saw before is in their clicks: the first have {size}."
    return f"{who}. No carry-over is seen: the first have {size}."
