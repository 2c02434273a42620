from datetime import timedelta

import pytest

from experiments.analysis.report import sentences
from experiments.analysis.report.build import build
from experiments.analysis.report.verdict import Kind
from tests.experiments.analysis.report.cast import FIRST_DAY, add_day, counted_study

pytestmark = pytest.mark.django_db

ALIVE = (((1000, 50), (1010, 52)), ((2000, 90), (1990, 99)))
DEAD = (((1000, 50), (1010, 0)), ((2000, 90), (1990, 0)))


def test_a_beacon_that_dies_in_mid_run_is_named_with_its_day() -> None:
    experiment = counted_study(ALIVE)
    add_day(experiment, ALIVE, day=1)
    add_day(experiment, DEAD, day=2)
    report = build(experiment)
    (dead,) = report.dead_arms
    assert (dead.arm, dead.views, dead.clicks) == ("re_seq2seq", 3000, 0)
    assert (dead.since, dead.until) == (FIRST_DAY + timedelta(days=2), None)
    assert "in 3,000 views since 2026-10-03, where" in sentences.dead_arm(dead)
    assert report.verdict.kind is Kind.DO_NOT_TRUST


def test_a_beacon_that_came_back_has_spoilt_the_counts_all_the_same() -> None:
    experiment = counted_study(DEAD)
    add_day(experiment, ALIVE, day=1)
    report = build(experiment)
    (dead,) = report.dead_arms
    assert (dead.since, dead.until) == (None, FIRST_DAY)
    assert "in 3,000 views until 2026-10-01, where" in sentences.dead_arm(dead)
