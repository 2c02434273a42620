"""The comparison with the videos' earlier click rates taken out, where whole videos are assigned.

It decides nothing: it stands beside the report's own, and says by how much the error fell.
"""

from dataclasses import dataclass

from experiments.analysis.report.formatting import (
    interval,
    p_value,
    percent,
    signed_percent,
    whole,
)
from experiments.analysis.stats.results import Estimate


@dataclass(frozen=True, slots=True)
class ReducedArm:
    """One arm against the control with earlier click rates taken out.

    Attributes:
        removed: the share of the variance that went; negative where it grew.
        p_value: adjusted for all arms.
    """

    arm: str
    improvement: Estimate
    p_value: float
    removed: float


@dataclass(frozen=True, slots=True)
class VarianceReduction:
    """All arms, or the reason why there are none; `videos` have an earlier click rate."""

    videos: int
    arms: tuple[ReducedArm, ...]
    reason: str = ""


def said(found: VarianceReduction | None) -> list[str]:
    """Return the comparison of each arm; nothing where there is none."""
    if found is None:
        return []
    if found.reason:
        return [f"The videos' earlier click rates cannot be taken out: {found.reason}."]
    return [_said(arm, found.videos) for arm in found.arms]


def _said(arm: ReducedArm, videos: int) -> str:
    return (
        f"With the earlier click rates of {whole(videos)} videos taken out, which decides nothing: "
        f"{arm.arm} {signed_percent(arm.improvement.value)} "
        f"({interval(arm.improvement, 1, signed=True)}), p {p_value(arm.p_value)}; that leaves "
        f"{percent(1 - arm.removed, 0)} of the variance."
    )
