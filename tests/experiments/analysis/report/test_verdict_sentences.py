"""Sentences of the verdict and of the stopping plan."""

from dataclasses import replace
from datetime import UTC, date, datetime
from math import inf
from typing import Any

import pytest

from experiments.analysis.report import verdict_sentences as sentences
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.analysis.report.verdict import Kind, Verdict
from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.power import DaysLeft
from experiments.analysis.stats.results import Mode
from experiments.stopping import StoppingRule
from tests.experiments.analysis.report.cast import counted_study

GUARDED = Standing.GUARDED


@pytest.fixture
def report(db: None) -> Report:
    return build(counted_study())


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


@pytest.mark.parametrize(("days", "times"), [(58.0, "3.0"), (29_012.0, "1,001")])
def test_an_ended_experiment_says_how_many_views_it_lacked(
    report: Report, days: float, times: str
) -> None:
    ended = replace(report, arms=report.arms[:1])
    found = sentences.verdict(with_verdict(ended, kind=Kind.NOT_ENOUGH, left=DaysLeft(days)))
    assert found.endswith(f"It takes about {times} times as many views to tell differences of 2 %.")


def test_a_guardrail_that_is_not_shown_to_be_kept_stands_in_the_way(report: Report) -> None:
    guarded = replace(report, arms=(*report.arms[:2], replace(report.arms[2], standing=GUARDED)))
    found = sentences.verdict(with_verdict(guarded, kind=Kind.NOT_ENOUGH))
    assert found.endswith("An arm is ahead, but a guardrail is not shown to be kept.")


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


def test_a_plan_s_days_are_called_those_of_utc_where_the_site_s_are_others(report: Report) -> None:
    dated = "Its days are of UTC."
    assert report.stopping.planned_end is not None
    assert dated not in sentences.stopping(report)
    elsewhere = replace(report, days_of=replace(report.days_of, time_zone="Asia/Tokyo"))
    assert sentences.stopping(elsewhere).endswith(dated)
    plan = replace(report.stopping, planned_end=None, before=None)
    assert dated not in sentences.stopping(replace(elsewhere, stopping=plan))
