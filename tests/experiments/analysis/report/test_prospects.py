"""What would have to be true: held against statsmodels' power, and said for two readers."""

from dataclasses import replace
from datetime import timedelta
from math import nan

import numpy as np
import pytest
from django.utils import timezone
from statsmodels.stats.power import TTestPower

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.prospects import Prospects, said
from experiments.analysis.report.text import as_text
from experiments.analysis.stats.power import DaysLeft
from experiments.models import Experiment
from experiments.stopping import StoppingRule

from .cast import counted_study
from .test_funnel_checks import counts_at


def running(rule: StoppingRule = StoppingRule.ALWAYS_VALID, days: int = 7) -> Experiment:
    experiment = counted_study(counts_at((0.05, 0.05)), ended=False)
    experiment.started_at = timezone.now() - timedelta(days=days - 1)
    experiment.stopping_rule, experiment.planned_days = rule, 28
    experiment.planned_end = experiment.started_at + timedelta(days=28)
    experiment.save()
    return experiment


@pytest.mark.django_db
def test_at_its_planned_end_the_lift_that_is_seen_is_that_of_the_power_of_t() -> None:
    report = build(counted_study(counts_at((0.05, 0.05))))
    found = report.prospects
    assert found is not None
    arm = report.compared[0].comparison
    assert arm is not None
    control = report.control.mean_ctr.value
    spread = arm.standard_error * np.sqrt(arm.videos)
    alpha = 0.05 * 0.999
    power = TTestPower().power(found.seen_now * control / spread, arm.videos, alpha)
    assert power == pytest.approx(0.8, abs=0.005)
    margin = TTestPower().power(report.margin * control / spread, arm.videos, alpha)
    assert found.power_for_margin == pytest.approx(margin, abs=0.02)
    assert np.isnan([found.seen_at_end, found.days_to_end]).all()
    assert "or more, and miss smaller ones." in said(found, report.margin)[0]


@pytest.mark.django_db
def test_a_running_one_sees_more_at_its_planned_end() -> None:
    report = build(running())
    found = report.prospects
    assert found is not None
    assert found.days_to_end == 21
    assert found.seen_now / 4 < found.seen_at_end < found.seen_now / 2
    (operator, statistician) = said(found, report.margin)
    assert "at its planned end, in 21 days, one of" in operator
    assert "for re_seq2seq, of which it knows least" in statistician
    assert operator in " ".join(as_text(report).split())
    assert as_document(report)["prospects"]["said"] == [operator, statistician]


@pytest.mark.django_db
def test_before_the_first_look_nothing_is_promised_of_now() -> None:
    report = build(running(StoppingRule.GROUP_SEQUENTIAL, days=2))
    assert report.prospects is None
    assert "cannot be said yet" in said(None, report.margin)[0]


def test_what_no_days_will_tell_is_said() -> None:
    found = Prospects("gevaden", 0.1, nan, 0.3, nan, DaysLeft(float("inf"), "spread"))
    assert "No number of days makes it likely" in said(found, 0.03)[1]
    soon = replace(found, days_to_margin=DaysLeft(12.0), days_to_end=1.0, seen_at_end=0.08)
    (operator, statistician) = said(soon, 0.03)
    assert "in 1 day, one of 8.0 % or more" in operator
    assert "takes 12 more days like these" in statistician
