"""Sentences about the steps before a view, the same in text, pages and documents."""

from math import isnan, nan

from experiments.analysis.report.formatting import interval, p_value, percent, signed_percent
from experiments.analysis.report.funnel_record import ALARM, FunnelChecks, FunnelStep, Missing


def said(checks: FunnelChecks | None) -> list[str]:
    """Return whether arms lose pictures on the way to a view, and what that would do."""
    if checks is None or not any(step.arms for step in checks.steps[:-1]):
        return []
    lines = [_alike(checks)] if not checks.missing else []
    lines += [_lost(arm) for arm in checks.missing]
    return [*lines, *_per_served(checks.steps[-1])]


def _alike(checks: FunnelChecks) -> str:
    p_values = [arm.p_value for step in checks.steps[:-1] for arm in step.arms]
    least = min((p for p in p_values if not isnan(p)), default=nan)
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
