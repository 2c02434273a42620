"""Sentences of a report."""

from dataclasses import replace
from datetime import UTC, date, datetime
from math import inf
from typing import Any

import pytest

from experiments.analysis.report import formatting, sentences
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.analysis.report.verdict import Kind, Verdict
from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.power import DaysLeft
from experiments.analysis.stats.results import Mode
from experiments.stopping import StoppingRule
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study
from tests.experiments.world import make_experiment

GUARDED = Standing.GUARDED


def test_the_papers_second_line_does_not_follow_from_its_own_column() -> None:
    said = sentences.about_paper()
    assert "Its 19.5 % is not quite" in said
    assert said.endswith("6.36 / 5.30 − 1 is 20.0 %.")


@pytest.fixture
def report(db: None) -> Report:
    return build(counted_study())


def test_the_headline_is_the_best_arms_simultaneous_result(report: Report) -> None:
    best = report.best
    assert best is not None
    assert best.comparison is not None
    found = best.comparison.simultaneous_improvement
    said = sentences.headline(report)
    assert said.startswith(f"gevaden lifts mCTR by {100 * found.value:.1f} % against raw")
    assert f"95 % interval +{100 * found.low:.1f} to +{100 * found.high:.1f} %" in said
    assert f"over 4 videos; p {formatting.p_value(best.comparison.p_value_adjusted)}." in said


def test_a_headline_out_of_its_page_still_says_that_it_is_simulated(report: Report) -> None:
    made = replace(report, simulated="drawn by a model")
    assert sentences.headline(made) == f"Simulated: {sentences.headline(report)}"


@pytest.mark.django_db
def test_a_difference_within_chance_is_not_called_a_lift() -> None:
    noisy = (((1000, 50), (1000, 52)), ((1000, 60), (1000, 57)), ((1000, 40), (1000, 44)))
    said = sentences.headline(build(counted_study(noisy)))
    assert said.startswith("re_seq2seq shows no clear difference to raw: its mCTR is 2.0 % higher")
    assert "luck" not in said  # there is no other arm
    three = tuple((*row, (1000, 51)) for row in noisy)
    said = sentences.headline(build(counted_study(three, slug="three")))
    assert said.endswith("It is the highest of 2 arms, so there is likely luck in it.")


@pytest.mark.django_db
def test_a_loss_is_called_one() -> None:
    turned = tuple((better, worse) for worse, _, better in FOUR_VIDEOS)
    assert "lowers mCTR by" in sentences.headline(build(counted_study(turned)))


@pytest.mark.django_db
def test_without_views_the_headline_says_that_there_is_nothing_yet() -> None:
    said = sentences.headline(build(make_experiment()))
    assert said == "No comparison yet: no video has been seen often enough in every arm."


@pytest.mark.django_db
def test_one_video_alone_has_a_reason_instead_of_a_test() -> None:
    report = build(counted_study(FOUR_VIDEOS[:1]))
    reason = "one video: no spread between videos"
    assert sentences.headline(report) == f"gevaden is not compared: {reason}."
    reasons = {why: figures for figures, why in sentences.reasons(report.arms[2])}
    assert "interval of mPV, interval of mClick" in reasons[reason]


@pytest.mark.django_db
def test_without_a_click_on_the_control_there_is_no_comparison_but_a_reason() -> None:
    unclicked = tuple(((900, 0), (910, clicks)) for clicks in (40, 50, 60))
    report = build(counted_study(unclicked))
    assert report.best is None
    (arm,) = report.compared
    assert arm.comparison is not None
    assert sentences.headline(report) == f"No comparison yet: {arm.comparison.improvement.reason}."


def test_the_control_is_not_compared_to_itself(report: Report) -> None:
    assert sentences.finding(report, report.control) == "raw is not compared: the control."


def test_shares_are_put_in_words(report: Report) -> None:
    srm = report.srm
    assert sentences.share_check(srm) == (
        f"The arms got their share of the traffic (p {formatting.p_value(srm.p_value)})."
    )
    assert "did not get their share" in sentences.share_check(replace(srm, p_value=1e-9))
    assert "arm of weight 0" in sentences.share_check(replace(srm, forbidden=(0, 0, 12)))
    assert "not checked: no views" in sentences.share_check(replace(srm, reason="no views"))


def with_verdict(report: Report, **changes: Any) -> Report:
    return replace(report, verdict=replace(report.verdict, **changes))


def test_the_verdict_is_one_of_four(report: Report) -> None:
    assert report.verdict == Verdict(Kind.WINNER, "gevaden")
    assert sentences.verdict(report) == "Verdict: gevaden is the winner."
    keep = with_verdict(report, arm="raw")
    assert sentences.verdict(keep) == "Verdict: keep raw. Every other arm is worse."
    same = with_verdict(report, kind=Kind.NO_DIFFERENCE)
    assert sentences.verdict(same) == (
        "Verdict: no difference. No arm is better than raw, and none that is not worse differs "
        "from it by more than 2 %."
    )
    wrong = with_verdict(report, kind=Kind.DO_NOT_TRUST, wrong=("The shares are off.",))
    assert sentences.verdict(wrong) == "Verdict: do not trust these numbers. The shares are off."


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (None, "There is too little to go by so far."),
        (DaysLeft(0.2), "At this traffic it takes about 1 day more to tell differences of 2 %"),
        (DaysLeft(41.3), "it takes about 42 days more to tell"),
        (DaysLeft(36_500), "it takes about 100 years more to tell"),
        (
            DaysLeft(inf, "spread"),
            "of 2 % cannot be told with these videos, however many views there are",
        ),
    ],
)
def test_not_enough_says_what_is_missing(report: Report, left: DaysLeft | None, said: str) -> None:
    running = replace(report, ended_at=None, arms=report.arms[:1])
    found = sentences.verdict(with_verdict(running, kind=Kind.NOT_ENOUGH, left=left))
    assert found.startswith("Verdict: not enough yet. ")
    assert said in found


def test_an_ended_experiment_says_how_many_views_it_lacked(report: Report) -> None:
    ended = replace(report, arms=report.arms[:1])
    found = sentences.verdict(with_verdict(ended, kind=Kind.NOT_ENOUGH, left=DaysLeft(58.0)))
    assert found.endswith("It takes about 3.0 times as many views to tell differences of 2 %.")


def test_a_guardrail_that_is_not_shown_to_be_kept_stands_in_the_way(report: Report) -> None:
    guarded = replace(report, arms=(*report.arms[:2], replace(report.arms[2], standing=GUARDED)))
    found = sentences.verdict(with_verdict(guarded, kind=Kind.NOT_ENOUGH))
    assert found.endswith("An arm is ahead, but a guardrail is not shown to be kept.")


def test_the_best_of_several_is_marked_as_such(report: Report) -> None:
    best = report.best
    assert best is not None
    assert best.corrected is not None
    assert best.comparison is not None
    assert (best.corrected.of, best.corrected.stopped) == (2, False)
    assert best.corrected.improvement < best.comparison.improvement.value
    assert "Corrected for the luck in it (that it is the best of 2 arms)" in sentences.headline(
        report
    )


END = datetime(2026, 10, 29, tzinfo=UTC)
PLAN: dict[str, Any] = {
    "days": 3,
    "planned_end": END,
    "reached": False,
    "ended_early": False,
    "before": None,
}


@pytest.mark.parametrize(
    ("rule", "changes", "said"),
    [
        ("always_valid", {}, "The planned end is at the end of 2026-10-28; intervals are narrower"),
        ("always_valid", {"planned_end": None}, "No end was planned"),
        (
            "always_valid",
            {"planned_end": None, "planned_views": 5000},
            "The planned end is at 5,000 views;",
        ),
        (
            "always_valid",
            {"ended_early": True},
            "Ended early, before the planned end on 2026-10-28",
        ),
        (
            "always_valid",
            {"reached": True, "before": date(2026, 10, 29)},
            "the result at the planned end, of what was counted before 2026-10-29.",
        ),
        ("fixed_horizon", {}, "The plan decides at the end of 2026-10-28."),
        (
            "group_sequential",
            {"next_look": date(2026, 10, 8)},
            "nothing is said before the first look. The next look is on 2026-10-08.",
        ),
        (
            "group_sequential",
            {"look": 2, "before": date(2026, 10, 15), "ended_early": True},
            "Ended early. This is planned look 2, of what was counted before 2026-10-15.",
        ),
    ],
)
def test_the_plan_is_told(report: Report, rule: str, changes: dict[str, Any], said: str) -> None:
    plan = replace(report.stopping, rule=StoppingRule(rule), **(PLAN | changes))
    told = sentences.stopping(replace(report, stopping=plan, mode=Mode.ALWAYS_VALID))
    assert said in told
