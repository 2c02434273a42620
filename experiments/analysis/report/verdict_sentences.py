"""Sentences of the verdict, of what the stopping plan allows, and of luck in what was picked."""

from datetime import timedelta
from math import ceil

from experiments.analysis.report.formatting import percent, signed_percent, whole
from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.report.verdict import Kind
from experiments.analysis.site_days import UTC
from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.results import Mode
from experiments.analysis.stopping import Stopping
from experiments.stopping import StoppingRule

YEAR_DAYS = 365
MANY_DAYS = 2 * YEAR_DAYS
WHOLE_FROM = 10  # "about 1,000.4 times" would be about nothing


def verdict(report: Report) -> str:
    """Return the one thing that the experiment says."""
    found, control = report.verdict, report.control.name
    margin = percent(report.margin, 1).removesuffix(".0 %").removesuffix(" %") + " %"
    if found.kind is Kind.DO_NOT_TRUST:
        return f"Verdict: do not trust these numbers. {' '.join(found.wrong)}"
    if found.kind is Kind.WINNER and found.arm == control:
        return f"Verdict: keep {control}. Every other arm is worse."
    if found.kind is Kind.WINNER:
        return f"Verdict: {found.arm} is the winner."
    if found.kind is Kind.NO_DIFFERENCE:
        return (
            f"Verdict: no difference. No arm is better than {control}, and none that is not worse "
            f"differs from it by more than {margin}."
        )
    return f"Verdict: not enough yet. {_what_is_missing(report, margin)}"


def correction(arm: ArmRow) -> str:
    """Return what an arm's lift is likely to be, where picking it made it too large."""
    found = arm.corrected
    if found is None:
        return ""
    why = ["that it was ahead when it was looked at"] if found.stopped else []
    why += [f"that it is the best of {found.of} arms"] if found.of > 1 else []
    return (
        f"Corrected for the luck in it ({' and '.join(why)}), the difference of {arm.name} is "
        f"likely {signed_percent(found.improvement)}."
    )


def luck(report: Report, best: ArmRow) -> str:
    """Return that the highest of several is likely lucky, where it is not shown to be better."""
    arms = sum(not arm.comparison.reason for arm in report.compared if arm.comparison)
    one = best.comparison
    if arms < 2 or one is None or one.reason or one.significant:
        return ""
    return f"It is the highest of {arms} arms, so there is likely luck in it."


def stopping(report: Report) -> str:
    """Return what the stopping plan allows to be said now."""
    plan, said = report.stopping, _of_plan(report)
    dated = plan.planned_end is not None or plan.before is not None
    return f"{said} Its days are of UTC." if dated and report.days_of.time_zone != UTC else said


def _of_plan(report: Report) -> str:
    plan = report.stopping
    end = f"{plan.planned_end - timedelta(days=1):%Y-%m-%d}" if plan.planned_end else ""
    until = f" of what was counted before {plan.before:%Y-%m-%d}" if plan.before else ""
    if plan.rule is StoppingRule.GROUP_SEQUENTIAL:
        return _looks(plan, until)
    if plan.reached:
        return f"This is the result at the planned end,{until}."
    if plan.ended_early:
        return (
            f"Ended early, before the planned end{f' on {end}' if end else ''}: intervals allow "
            "for looks at any moment, and are wider than at the planned end."
        )
    if plan.rule is StoppingRule.FIXED_HORIZON:
        return (
            f"The plan decides at the end of {end}. Until then only overwhelming evidence counts, "
            "and intervals are very wide."
        )
    if report.mode is Mode.ALWAYS_VALID and not end and plan.planned_views is None:
        return "No end was planned: intervals allow for looks at any moment."
    views = f"at {whole(plan.planned_views)} views" if plan.planned_views else ""
    planned = " or ".join(filter(None, (f"at the end of {end}" if end else "", views)))
    return (
        "This may be looked at, and acted on, at any moment: intervals allow for it. The planned "
        f"end is {planned}; intervals are narrower then."
    )


def _what_is_missing(report: Report, margin: str) -> str:
    left, ended = report.verdict.left, report.ended_at is not None
    if any(arm.standing is Standing.GUARDED for arm in report.arms):
        return "An arm is ahead, but a guardrail is not shown to be kept."
    if left is None:
        return "There is too little to go by." if ended else "There is too little to go by so far."
    if left.reason:
        return (
            f"Differences of {margin} cannot be told with these videos, however many views there "
            "are: it takes more videos. Larger differences show sooner."
        )
    if ended:
        times = (report.stopping.days + left.days) / report.stopping.days
        many = whole(round(times)) if times >= WHOLE_FROM else f"{times:.1f}"
        return f"It takes about {many} times as many views to tell differences of {margin}."
    return (
        f"At this traffic it takes about {_days(left.days)} more to tell differences of {margin}; "
        "larger ones show sooner."
    )


def _days(days: float) -> str:
    if days > MANY_DAYS:
        return f"{days / YEAR_DAYS:,.0f} years"
    whole_days = max(ceil(days), 1)
    return f"{whole_days:,} {'day' if whole_days == 1 else 'days'}"


def _looks(plan: Stopping, until: str) -> str:
    coming = f" The next look is on {plan.next_look:%Y-%m-%d}." if plan.next_look else ""
    if not plan.look:
        return f"By the plan nothing is said before the first look.{coming}"
    early = "Ended early. " if plan.ended_early else ""
    return f"{early}This is planned look {plan.look},{until}.{coming}"
