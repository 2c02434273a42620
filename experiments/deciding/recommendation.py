"""The recommendation at an experiment's end: one of three choices, from its verdict."""

from dataclasses import dataclass

from experiments.analysis.report import sentences
from experiments.analysis.report.formatting import signed_percent
from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.report.verdict import Kind
from experiments.choice import Choice


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the verdict speaks for.

    Attributes:
        choice: ship an arm, or keep the control; a map is never the verdict's to recommend, as it
            is about the arms and not about videos.
        arm: the name of the arm to ship, or of the control.
        against: the arm that a holdback is to see: the control, or where that is kept the arm
            that is furthest ahead.
        sure: whether the verdict says it; otherwise the control is kept for want of better.
        sentence: the choice and its reason.
    """

    choice: Choice
    arm: str
    against: str
    sure: bool
    sentence: str


def recommend(report: Report) -> Recommendation:
    """Return what to do by the verdict."""
    found, control = report.verdict, report.control.name
    if found.kind is Kind.WINNER and found.arm != control:
        arm = next(arm for arm in report.arms if arm.name == found.arm)
        said = f"Ship {arm.name}: {_lift(arm)} clicks per view. {sentences.finding(report, arm)}"
        return Recommendation(Choice.ARM, arm.name, control, sure=True, sentence=said)
    sure = found.kind in {Kind.WINNER, Kind.NO_DIFFERENCE}
    said = {
        Kind.WINNER: f"Keep {control}: every other arm is worse.",
        Kind.NO_DIFFERENCE: f"Keep {control}: no other arm is better by more than matters.",
        Kind.NOT_ENOUGH: f"Keep {control}: no other arm is shown to be better.",
        Kind.DO_NOT_TRUST: f"Keep {control}: these numbers are not to be trusted.",
    }[found.kind]
    return Recommendation(Choice.CONTROL, control, ahead(report), sure=sure, sentence=said)


def ahead(report: Report) -> str:
    """Return the name of the arm with the largest improvement, be it luck."""
    compared = [arm for arm in report.compared if arm.comparison and not arm.comparison.reason]
    if not compared:
        return report.arms[1].name
    return max(compared, key=_improvement).name


def _improvement(arm: ArmRow) -> float:
    return arm.comparison.improvement.value if arm.comparison else float("-inf")


def _lift(arm: ArmRow) -> str:
    return signed_percent(arm.corrected.improvement if arm.corrected else _improvement(arm))
