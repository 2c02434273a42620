"""The recommendation follows the verdict, and says how sure it is."""

from dataclasses import replace

import pytest

from experiments.analysis.report.build import build
from experiments.analysis.report.verdict import Kind, Verdict
from experiments.choice import Choice
from experiments.deciding.recommendation import recommend
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db
NOTHING_SEEN = (((0, 0), (0, 0)),)


def test_a_winner_is_shipped_with_its_lift() -> None:
    report = replace(build(counted_study()), verdict=Verdict(Kind.WINNER, "gevaden"))
    found = recommend(report)
    assert (found.choice, found.arm, found.against, found.sure) == (
        Choice.ARM, "gevaden", "raw", True,
    )  # fmt: skip
    assert found.sentence.startswith("Ship gevaden: +")
    assert "gevaden" in found.sentence.partition("clicks per view. ")[2]


@pytest.mark.parametrize(
    ("verdict", "sure", "said"),
    [
        (Verdict(Kind.WINNER, "raw"), True, "Keep raw: every other arm is worse."),
        (Verdict(Kind.NO_DIFFERENCE), True, "Keep raw: no other arm is better by more than"),
        (Verdict(Kind.NOT_ENOUGH), False, "Keep raw: no other arm is shown to be better."),
        (Verdict(Kind.DO_NOT_TRUST), False, "Keep raw: these numbers are not to be trusted."),
    ],
)
def test_else_the_control_is_kept_and_the_best_of_the_others_held_against_it(
    verdict: Verdict, sure: bool, said: str
) -> None:
    found = recommend(replace(build(counted_study()), verdict=verdict))
    assert (found.choice, found.arm, found.sure) == (Choice.CONTROL, "raw", sure)
    assert found.against == "gevaden"
    assert found.sentence.startswith(said)


def test_what_was_never_seen_has_a_recommendation_too() -> None:
    found = recommend(build(counted_study(NOTHING_SEEN)))
    assert (found.choice, found.sure) == (Choice.CONTROL, False)
