"""Sentences about the steps to a view and past it, the same in text, pages and documents."""

from collections.abc import Sequence
from math import isnan, nan

from experiments.analysis.report.formatting import interval, p_value, percent, signed_percent
from experiments.analysis.report.funnel_record import (
    ALARM,
    FunnelArm,
    FunnelChecks,
    FunnelStep,
    Missing,
    Unlike,
)
from experiments.analysis.stats.results import SAME_IN_EVERY_VIDEO
from experiments.metrics import ANIMATED_PER_VIEW


def said(checks: FunnelChecks | None) -> list[str]:
    """Return whether arms lose pictures on the way to a view, and what that would do."""
    if checks is None or not any(step.arms for step in checks.steps[:-1]):
        return []
    lines = [_alike(checks)] if not checks.missing else []
    lines += [_lost(arm) for arm in checks.missing]
    return [*lines, *_moved(checks), *_per_served(checks.steps[-1])]


def _alike(checks: FunnelChecks) -> str:
    to_view = [step for step in checks.steps[:-1] if step.name != ANIMATED_PER_VIEW.name]
    arms = [arm for step in to_view for arm in step.arms]
    least = min((arm.p_value for arm in arms if not isnan(arm.p_value)), default=nan)
    if isnan(least) and _same(arms):
        return (
            "Arms lose alike on the way from a picture served to a view, in every video: click "
            "rates are of like views."
        )
    if isnan(least):
        return "Whether arms lose pictures before they are seen cannot be told yet."
    if least < ALARM:
        return (
            f"Pictures of the arms do not load alike (p {p_value(least)}), but as many of them "
            "come into view: click rates are of like views."
        )
    return (
        "Arms lose alike on the way from a picture served to a view (smallest p of all steps "
        f"{p_value(least)}, adjusted for their number): click rates are of like views."
    )


def _lost(arm: Missing) -> str:
    way = "fewer" if arm.share < 0 else "more"
    high = "any number" if arm.high == float("inf") else signed_percent(arm.high)
    return (
        f"{arm.arm}: {percent(abs(arm.share), 1)} {way} of its pictures come into view than of the "
        "control's, beyond chance. So the two click rates are not of like views. Had the views "
        f"without a counterpart all been clicked, or none of them, its improvement would be from "
        f"{signed_percent(arm.low)} to {high} (Lee's bounds). Look at the weight of its pictures."
    )


def _moved(checks: FunnelChecks) -> list[str]:
    """Return whether the arms whose pictures move do so alike."""
    if checks.unlike:
        return [_stood_still(arm) for arm in checks.unlike]
    (step,) = (one for one in checks.steps if one.name == ANIMATED_PER_VIEW.name)
    said = _moved_alike([arm for arm in step.arms if not arm.note])
    return [said] if said else []


def _moved_alike(moving: Sequence[FunnelArm]) -> str:
    p_values = [arm.p_value for arm in moving if not isnan(arm.p_value)]
    if p_values:
        return (
            "Pictures that move do so in as many of their views in every arm that has them "
            f"(smallest p {p_value(min(p_values))}, adjusted)."
        )
    if _same(moving):
        return "Pictures that move do so in the same share of views in every arm and video."
    if len(moving) != 1:
        return ""
    return (
        f"Only the pictures of {moving[0].arm} move, in {percent(moving[0].share, 1)} of their "
        "views: there is no other arm to compare that with."
    )


def _same(arms: Sequence[FunnelArm]) -> bool:
    """Return whether all that is compared is the same in every video."""
    changes = [arm.change for arm in arms if arm.change]
    return bool(changes) and all(one.reason == SAME_IN_EVERY_VIDEO for one in changes)


def _stood_still(arm: Unlike) -> str:
    said = (
        f"The pictures of {arm.arm} moved in {percent(arm.share, 1)} of its views, those of "
        f"{arm.baseline} in {percent(arm.baseline_share, 1)}, beyond chance. In the rest they were "
        "seen as stills, so that its click rate is in part that of a still."
    )
    if isnan(arm.moving_alike):
        return said
    return (
        f"{said} Had they moved as often, its improvement would be about "
        f"{signed_percent(arm.moving_alike)} in place of {signed_percent(arm.improvement)}, if "
        "motion alone makes it (Bloom 1984)."
    )


def _per_served(step: FunnelStep) -> list[str]:
    found = [arm for arm in step.arms if arm.change and not isnan(arm.change.value)]
    if not found:
        return []
    by_arm = "; ".join(
        f"{arm.arm} {signed_percent(arm.change.value)} ({interval(arm.change, 1, signed=True)})"
        for arm in found
        if arm.change
    )
    return [f"Clicks for each picture served, which missing views cannot bias: {by_arm}."]
