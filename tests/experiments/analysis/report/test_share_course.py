"""The shares of new units, looked at every day."""

from datetime import date

import pytest

from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.lights import vital
from experiments.analysis.report.share_course import read_share_course, said
from experiments.analysis.report.text import as_text
from experiments.analysis.report.verdict import Kind
from experiments.models import Experiment, TwoWayError
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db
FAIR, LOST = (1000, 1010, 990), (1000, 700, 1000)


def keep(experiment: Experiment, *days: tuple[int, ...]) -> TwoWayError:
    """Keep the new units of days from October 1 on, all in the first phase."""
    rows = [
        {"day": f"2026-10-{day:02}", "phase": 0, "units": list(units)}
        for day, units in enumerate(days, 1)
    ]
    return TwoWayError.objects.create(
        experiment=experiment, watermark=1, took_s=1, sums=1, comparisons=[],
        cuts={"time_zone": "UTC", "views": 0, "of_views": 0, "cuts": [], "new_units": rows},
    )  # fmt: skip


def test_an_arm_that_loses_units_from_a_day_on_is_named_with_that_day_on_every_door() -> None:
    experiment = counted_study()
    keep(experiment, FAIR, FAIR, LOST, LOST, FAIR)
    report = build(experiment)
    course = report.share_course
    assert course is not None
    assert course.alarm_on == date(2026, 10, 4)
    assert report.verdict.kind is Kind.DO_NOT_TRUST
    assert not report.srm.alarm
    sentence = said(course)
    assert "the first alarm was on 2026-10-04" in sentence
    assert sentence in report.verdict.wrong
    assert as_document(report)["share_course"]["said"] == sentence
    assert sentence in " ".join(as_text(report).split())
    assert (vital(report)[0].state, vital(report)[0].says) == ("bad", sentence)


def test_fair_shares_are_said_to_be_fair() -> None:
    experiment = counted_study()
    keep(experiment, FAIR, FAIR, (0, 0, 0))
    report = build(experiment)
    assert report.share_course is not None
    assert report.share_course.alarm_on is None
    assert "got their shares (p = 1" in said(report.share_course)
    assert report.verdict.kind is not Kind.DO_NOT_TRUST


def test_without_units_there_is_no_course() -> None:
    experiment = counted_study()
    assert read_share_course(None, Layout.of(experiment)) is None
    assert read_share_course(keep(experiment), Layout.of(experiment)) is None
