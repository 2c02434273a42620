"""Prospects: what would have to be true for the experiment to tell something, now and at its end.

The standard error of now says it. Its part from clicks falls as 1 / days; the part that is the
spread of effects over videos stays (stats.power.days_left). A lift is seen four times in five where
it is the critical value and the 80 % point of t above 0 in standard errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt

from experiments.analysis.report.days_left import spread_floor, until_told
from experiments.analysis.report.formatting import percent
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.contrast import t_tail, t_with_tail
from experiments.analysis.stats.power import DaysLeft
from experiments.analysis.stats.results import Comparison, Estimated
from experiments.analysis.stopping import Stopping
from experiments.models import Experiment

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Prospects:
    """What the experiment can tell of the arm that it knows least of.

    Attributes:
        arm: its name.
        seen_now: the smallest lift that is found with 80 % power as of now; nan where none is.
        seen_at_end: the same at the planned end; nan where it has none, or has come to it.
        power_for_margin: the chance to find a lift of the margin now.
        days_to_end: days until the planned end; nan where it has none, or has come to it.
        days_to_margin: until differences of the margin can be told, if ever.
    """

    arm: str
    seen_now: float
    seen_at_end: float
    power_for_margin: float
    days_to_end: float
    days_to_margin: DaysLeft | None


def prospects(
    estimated: Estimated, comparisons: Sequence[Comparison], plan: Stopping, experiment: Experiment
) -> Prospects | None:
    """Return the prospects; None where no arm can be tested yet."""
    tested = [one for one in comparisons if one.standard_error > 0 and not one.reason]
    least = max(tested, key=lambda one: one.standard_error, default=None)
    means = estimated.mean_ctr
    control = float(means.means[means.arms.index(least.baseline)]) if least else 0.0
    if least is None or not control > 0:
        return None
    margin = experiment.margin * control / least.standard_error
    left = _days_to_end(plan, experiment)
    return Prospects(
        arm=least.arm,
        seen_now=_seen(least, _critical(least)) / control,
        seen_at_end=_at_end(estimated, least, plan.days, left, experiment) / control,
        power_for_margin=t_tail(_critical(least) - margin, least.df),
        days_to_end=left,
        days_to_margin=until_told(estimated, comparisons, plan.days, experiment),
    )


def _critical(line: Comparison) -> float:
    return (line.simultaneous_difference.high - line.difference.value) / line.standard_error


def _seen(line: Comparison, critical: float) -> float:
    """Return the smallest difference that is found with the power."""
    return (critical + t_with_tail(1 - POWER, line.df)) * line.standard_error


def _at_end(
    estimated: Estimated, line: Comparison, days: int, left: float, experiment: Experiment
) -> float:
    """Return the smallest difference that is found at the planned end."""
    if isnan(left):
        return nan
    at_end = {one.arm: one for one in compare(estimated.mean_ctr, level=experiment.level)}
    floor = min(spread_floor(estimated, line, experiment), line.standard_error)
    falling = (line.standard_error**2 - floor**2) * days / (days + left)
    shrunk = sqrt(floor**2 + falling) / line.standard_error
    return _seen(line, _critical(at_end[line.arm])) * shrunk


def _days_to_end(plan: Stopping, experiment: Experiment) -> float:
    if experiment.ended_at or plan.reached or not plan.planned_end or not experiment.started_at:
        return nan
    whole = (plan.planned_end.date() - experiment.started_at.date()).days
    return float(max(whole - plan.days, 0))


def said(found: Prospects | None, margin: float) -> list[str]:
    """Return the prospects: a sentence for an operator, then one for a statistician."""
    if found is None:
        return ["What it can tell cannot be said yet: too few clicks. More traffic will show."]
    return [_for_operators(found), _for_statisticians(found, margin)]


def _for_operators(found: Prospects) -> str:
    now = (
        "As of now it would likely miss every lift"
        if isnan(found.seen_now)
        else f"As of now it would likely find a lift of {percent(found.seen_now, 1)} or more"
    )
    if isnan(found.seen_at_end):
        return f"{now}, and miss smaller ones."
    days = f"{found.days_to_end:,.0f} day{'' if found.days_to_end == 1 else 's'}"
    return f"{now}; at its planned end, in {days}, one of {percent(found.seen_at_end, 1)} or more."


def _for_statisticians(found: Prospects, margin: float) -> str:
    left = found.days_to_margin
    later = ""
    if left is not None and left.reason:
        later = " No number of days makes it likely: the effects differ too much between videos."
    elif left is not None and left.days > 0:
        later = f" Telling differences of that size takes {left.days:,.0f} more days like these."
    return (
        f"“Likely” is four times in five, for {found.arm}, of which it knows least. A lift of the "
        f"margin, {percent(margin, 1)}, would be found now with a chance of "
        f"{percent(found.power_for_margin, 0)}.{later}"
    )
