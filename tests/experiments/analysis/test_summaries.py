"""Summaries: each is its report's gist, and is made again when, and only when, that changes."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from experiments.analysis import summaries
from experiments.analysis.report import sentences, verdict_sentences
from experiments.analysis.report.build import build
from experiments.models import Cell, Experiment, ReportSummary
from experiments.tasks import renew_summaries
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, LOPSIDED, add_day, counted_study

pytestmark = pytest.mark.django_db


def kept(slug: str = "pilot") -> ReportSummary:
    return ReportSummary.objects.get(experiment__slug=slug)


def is_old(experiment: Experiment) -> bool:
    return bool(summaries.with_summary().get(pk=experiment.pk).is_old)  # type: ignore[attr-defined]


def test_it_holds_what_the_report_says() -> None:
    experiment = counted_study()
    add_day(experiment, FOUR_VIDEOS, day=1)
    report = build(experiment)
    assert summaries.renew() == 1
    found = kept()
    assert (found.verdict, found.problem) == (report.verdict.kind, "")
    assert found.sentence == verdict_sentences.verdict(report)
    assert found.headline == sentences.headline(report)
    assert (found.views, found.videos, found.days) == (report.views, 4, 2)
    assert found.views_a_day == report.views // 2
    assert [line["arm"] for line in found.arms] == ["re_seq2seq", "gevaden"]
    line, arm = found.arms[1], report.arms[2]
    assert arm.comparison is not None
    assert line["improvement"] == pytest.approx(arm.comparison.improvement.value)
    assert line["low"] == pytest.approx(arm.comparison.simultaneous_improvement.low)
    assert arm.by_views is not None
    assert line["clicks_gained"] == pytest.approx(arm.by_views.difference.value * arm.views)


def test_what_is_wrong_is_said_with_its_name() -> None:
    report = build(counted_study(LOPSIDED))
    summaries.renew()
    shares, clicks = kept().checks
    assert shares == {
        "name": "traffic shares", "state": "bad", "says": sentences.share_check(report.srm)
    }  # fmt: skip
    assert clicks["state"] == "good"


def test_the_regular_task_renews_them() -> None:
    counted_study()
    renew_summaries()
    assert kept().verdict == "winner"
    assert settings.CELERY_BEAT_SCHEDULE["renew_summaries"]["task"] == renew_summaries.name


def test_nothing_is_made_twice() -> None:
    counted_study()
    assert [summaries.renew(), summaries.renew()] == [1, 0]


@pytest.mark.parametrize("change", ["counts", "state", "day"])
def test_a_change_makes_it_old_and_then_it_is_made_again(change: str) -> None:
    experiment = counted_study(ended=change == "counts")
    summaries.renew()
    assert not is_old(experiment)
    if change == "counts":
        Cell.objects.filter(arm__experiment=experiment).update(counted=7)
    elif change == "state":
        Experiment.objects.update(state=Experiment.State.PAUSED)
    else:
        ReportSummary.objects.update(made_at=timezone.now() - timedelta(days=1))
    assert is_old(experiment)
    ReportSummary.objects.update(took_s=0)  # so that it does not rest
    assert summaries.renew() == 1
    assert not is_old(experiment)


def test_it_rests_for_many_times_as_long_as_it_took() -> None:
    experiment = counted_study()
    summaries.renew()
    Cell.objects.filter(arm__experiment=experiment).update(counted=7)
    ReportSummary.objects.update(took_s=60)
    assert summaries.renew() == 0
    assert is_old(experiment)


def test_one_that_cannot_be_made_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken = counted_study(slug="broken")
    counted_study()
    summaries.renew()
    broken.arms.all().delete()
    Experiment.objects.update(name="renamed")
    ReportSummary.objects.all().delete()
    assert summaries.renew() == 2
    assert "broken cannot be reported on: number of arms == 0" in kept("broken").problem
    assert (kept("broken").verdict, kept("broken").arms) == ("", [])
    assert kept().verdict != ""
    del caplog


def test_a_failed_one_is_tried_again_after_a_rest() -> None:
    experiment = counted_study()
    summaries.renew()
    ReportSummary.objects.update(problem="its rows do not fit")
    assert summaries.renew() == 0
    ReportSummary.objects.update(made_at=timezone.now() - timedelta(seconds=700))
    assert summaries.renew() == 1
    assert kept().problem == ""
    assert not is_old(experiment)


def test_a_round_ends_when_its_time_is_over_and_the_next_goes_on() -> None:
    for number in range(3):
        counted_study(slug=f"study-{number}")
    assert [summaries.renew(budget_s=0) for _ in range(4)] == [1, 1, 1, 0]


def test_drafts_have_none() -> None:
    Experiment.objects.create(slug="draft", name="Only an idea")
    assert summaries.renew() == 0
