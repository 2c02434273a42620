"""The weight of a view of each arm, and the watching that it brings: figures without a test.

A picture's bytes are known, not drawn from anything; watched times are so skewed that shares of
clicks that were watched for long, a guardrail, tell more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.layout import Layout

KB = 1000


@dataclass(frozen=True, slots=True)
class PerView:
    """One arm.

    Attributes:
        picture_bytes: the mean size of its pictures' files over the videos; nan without any.
        watched_s: the mean watched time, with 0 for a view without a click; nan where it was not
            recorded.
    """

    arm: str
    picture_bytes: float
    watched_s: float


def per_view(
    layout: Layout, picture_bytes: Mapping[str, float], days: Sequence[ArmCount]
) -> tuple[PerView, ...]:
    """Return what each arm's views weigh and bring.

    Args:
        layout: of the experiment.
        picture_bytes: by selector.
        days: its counts.
    """
    recorded = any(day.measures["watched_ms"] for day in days)
    return tuple(
        PerView(
            arm.name,
            picture_bytes.get(arm.selector, nan),
            _watched_s([day for day in days if day.arm == arm.index]) if recorded else nan,
        )
        for arm in layout.arms
    )


def said(found: Sequence[PerView]) -> str:
    """Return it in a sentence; empty where nothing is known."""
    arms = [(line.arm, _parts(line)) for line in found]
    known = [f"{arm} {' and '.join(parts)}" for arm, parts in arms if parts]
    if not known:
        return ""
    return f"A view of {'; of '.join(known)}. No test is made of these."


def _parts(line: PerView) -> list[str]:
    parts = []
    if not isnan(line.picture_bytes):
        parts.append(f"loads {line.picture_bytes / KB:,.0f} kB")
    if not isnan(line.watched_s):
        parts.append(f"brings {line.watched_s:.1f} s of watching")
    return parts


def _watched_s(days: Sequence[ArmCount]) -> float:
    watched = [day.measures["watched_ms"] for day in days]
    views = sum(day.views for day in days)
    if not views or None in watched:
        return nan
    return sum(ms or 0 for ms in watched) / views / 1000
