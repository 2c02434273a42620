"""Sentences about many decisions together, for the page that judges a year of them."""

from math import isnan

from experiments.analysis.report.formatting import interval, signed_percent, whole
from experiments.deciding.gains import Total


def brought(found: Total) -> str:
    """Return what the decisions have brought, as their holdbacks measure it."""
    decisions = f"{whole(found.decisions)} decision{'s' * (found.decisions != 1)}"
    if not found.measured:
        return f"{decisions}: none of them is measured yet."
    clicks = found.clicks
    return (
        f"{decisions}, {whole(found.measured)} of them measured by a holdback: together "
        f"{clicks.value:+,.0f} clicks ({clicks.low:+,.0f} to {clicks.high:+,.0f}) against what is "
        "held back."
    )


def kept_promise(found: Total) -> str:
    """Return what was expected beside what is measured; empty where nothing is."""
    if not found.measured:
        return ""
    expected = "" if isnan(found.expected) else f"{signed_percent(found.expected)} was expected; "
    if found.mean.reason:
        said = f"What a decision like these brings is not known: {found.mean.reason}."
        return f"On average {expected}{said[0].lower()}{said[1:]}" if expected else said
    return (
        f"On average {expected}a decision like these brings {signed_percent(found.mean.value)} "
        f"({interval(found.mean, 1, signed=True)})."
    )
