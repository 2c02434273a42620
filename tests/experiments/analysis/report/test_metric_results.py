"""Metrics beside the primary: their figures against scipy's, and what they veto."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.report import metric_results
from experiments.analysis.report.build import build
from experiments.analysis.report.metric_results import NOTHING
from experiments.analysis.report.record import Report
from experiments.analysis.report.sentences import veto
from experiments.analysis.stats.metrics import Standing
from experiments.events.rollup import roll_up
from experiments.measures import LONG_WATCH_S
from experiments.metrics import METRICS, PRIMARY, Metric, Role
from experiments.models import DayCount, TwoWayError
from experiments.unit import ASSIGNED_UNITS, Unit
from tests.experiments.analysis.report.cast import (
    AT_THE_END,
    FIRST_DAY,
    FOUR_VIDEOS,
    WATCHED_VIDEOS,
    add_day,
    counted_study,
    watched,
)
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
TABLE = np.array(WATCHED_VIDEOS, dtype=float)  # (V, K, 3)
RATES = TABLE[..., 2] / TABLE[..., 0]
GEVADEN = 2


def test_figures_are_those_of_the_paired_test_with_the_margin() -> None:
    found = watched(build(counted_study(WATCHED_VIDEOS)))
    assert found.margin == 0.05
    assert [arm.events for arm in found.arms] == TABLE[..., 2].sum(axis=0).tolist()
    assert [arm.mean.value for arm in found.arms] == pytest.approx(RATES.mean(axis=0))
    control, *others = found.arms
    assert (control.change, control.holds) == (None, None)
    for index, arm in enumerate(others, 1):
        assert arm.change is not None
        assert arm.change.value == pytest.approx(RATES[:, index].mean() / RATES[:, 0].mean() - 1)
        worst = (1 - found.margin) * RATES[:, 0]
        oracle = stats.ttest_rel(RATES[:, index], worst, alternative="greater")
        assert arm.p_value == arm.p_value_adjusted == pytest.approx(oracle.pvalue / AT_THE_END)
        assert arm.holds == (arm.p_value < 0.025)


def with_fewer_watched(share: float) -> Report:
    """Return a report in which GEVADEN has more clicks and that share of its watched ones."""
    counts = tuple(
        tuple(
            (10 * views, 10 * clicks, round(10 * long * (share if arm == GEVADEN else 1)))
            for arm, (views, clicks, long) in enumerate(row)
        )
        for row in WATCHED_VIDEOS
    )
    return build(counted_study(counts))


def test_an_arm_that_wins_and_loses_watching_is_vetoed() -> None:
    report = with_fewer_watched(0.4)
    arm = report.arms[GEVADEN]
    assert arm.standing is Standing.GUARDED
    assert not watched(report).arms[GEVADEN].holds
    assert veto(report, arm).startswith("gevaden lifts mCTR, but is not shown to keep watched")
    assert veto(report, report.control) == ""


def test_an_arm_that_wins_and_keeps_watching_is_not() -> None:
    report = with_fewer_watched(1.0)
    assert report.arms[GEVADEN].standing is Standing.BETTER
    assert watched(report).arms[GEVADEN].holds
    assert veto(report, report.arms[GEVADEN]) == ""


def test_what_viewers_add_to_the_error_widens_a_guardrail_too() -> None:
    experiment = counted_study(WATCHED_VIDEOS)
    narrow = watched(build(experiment)).arms[GEVADEN].change
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[], inflation=4.0,
        df=3.0, units=10, crossed=0,
    )  # fmt: skip
    wide = watched(build(experiment)).arms[GEVADEN].change
    assert narrow is not None
    assert wide is not None
    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_where_nothing_was_watched_the_guardrail_says_so_and_vetoes_nothing() -> None:
    counts = tuple(tuple((10 * v, 10 * c) for v, c in row) for row in FOUR_VIDEOS)
    report = build(counted_study(counts))
    assert (watched(report).reason, watched(report).arms) == (NOTHING, ())
    assert report.arms[GEVADEN].standing is Standing.BETTER


def test_a_day_that_was_not_counted_is_not_a_day_of_nothing() -> None:
    experiment = counted_study(WATCHED_VIDEOS, ended=False)
    add_day(experiment, WATCHED_VIDEOS, day=1)
    before = build(experiment)
    DayCount.objects.filter(day=FIRST_DAY).update(watched_clicks=None)
    after = build(experiment)
    assert "`manage.py recount` counts them" in watched(after).reason
    compared = [repr([arm.comparison for arm in report.arms]) for report in (before, after)]
    assert compared[0] == compared[1]  # as text, for nan is not itself


def test_a_secondary_metric_is_compared_as_the_primary_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same = replace(PRIMARY, name="same", role=Role.SECONDARY)
    monkeypatch.setattr(metric_results, "METRICS", (*METRICS, same))
    report = build(counted_study(WATCHED_VIDEOS))
    found = report.metrics[-1]
    for row, arm in zip(report.arms, found.arms, strict=True):
        assert (arm.arm, arm.events, arm.mean) == (row.name, row.clicks, row.mean_ctr)
        if row.comparison is not None:
            assert arm.change == row.comparison.improvement
            assert arm.p_value == row.comparison.p_value
            assert arm.holds is None


def test_a_part_that_is_more_than_its_whole_breaks_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = Metric("odd", "views per click", "views", "clicks", Role.SECONDARY)
    monkeypatch.setattr(metric_results, "METRICS", (*METRICS, odd))
    report = build(counted_study(WATCHED_VIDEOS))
    assert "have more views than clicks" in report.metrics[-1].reason
    assert report.best is not None


@pytest.mark.parametrize("unit", ASSIGNED_UNITS)
def test_a_watch_counts_with_its_click_and_breaks_nothing_without(unit: Unit) -> None:
    experiment = make_experiment(videos=6, unit=unit)
    for number in range(20):
        visit(f"long {number}", "viewable", "click", "watched", seconds=LONG_WATCH_S)
    visit("short", "viewable", "click", "watched", seconds=LONG_WATCH_S - 0.1)
    visit("no click", "viewable", "watched", seconds=60)
    visit("no view", "watched", seconds=60)
    roll_up()
    report = build(experiment)
    # By chance a video may have too few views in an arm to be compared.
    assert report.included >= 3
    assert sum(arm.views for arm in report.arms) == 22 * report.included
    assert sum(arm.events for arm in watched(report).arms) == 20 * report.included
    assert sum(arm.steps["watched"] or 0 for arm in report.arms) == 23 * 6
