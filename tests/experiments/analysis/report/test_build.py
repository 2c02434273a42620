"""The record: counts from the database, judged by the experiment's design."""

from math import isnan

import numpy as np
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from scipy import stats

from experiments.analysis import kept_counts
from experiments.analysis.layout import Layout
from experiments.analysis.report import sentences
from experiments.analysis.report.build import NEVER_SHOWN, build
from experiments.analysis.report.text import as_text
from experiments.analysis.stats.results import Method, Mode
from experiments.events.rollup import roll_up
from experiments.models import Cell, Experiment, TwoWayError
from experiments.serving import allocation_phases, feed, lifecycle
from experiments.unit import ASSIGNED_UNITS, Unit
from tests.experiments.analysis.report.cast import (
    AT_THE_END,
    FOUR_VIDEOS,
    LOPSIDED,
    add_day,
    counted_study,
    end,
)
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db

TABLE = np.array(FOUR_VIDEOS, dtype=float)  # (V, K, 2)
VIEWS, CLICKS = TABLE[..., 0], TABLE[..., 1]
CTR = CLICKS / VIEWS


def test_the_figures_of_table_3_are_means_over_videos() -> None:
    arms = build(counted_study()).arms
    assert [arm.mean_views.value for arm in arms] == pytest.approx(VIEWS.mean(axis=0))
    assert [arm.mean_clicks.value for arm in arms] == pytest.approx(CLICKS.mean(axis=0))
    assert [arm.mean_ctr.value for arm in arms] == pytest.approx(CTR.mean(axis=0))
    pooled = CLICKS.sum(axis=0) / VIEWS.sum(axis=0)
    assert [arm.pooled_ctr.value for arm in arms] == pytest.approx(pooled)


def test_the_comparison_is_scipys_paired_test_and_the_ratio_of_the_means() -> None:
    report = build(counted_study())
    assert report.control.comparison is None
    for arm in report.compared:
        assert arm.comparison is not None
        oracle = stats.ttest_rel(CTR[:, arm.index], CTR[:, 0])
        assert arm.comparison.p_value == pytest.approx(oracle.pvalue / AT_THE_END)
        lift = CTR[:, arm.index].mean() / CTR[:, 0].mean() - 1
        assert arm.comparison.improvement.value == pytest.approx(lift)
    assert report.method is Method.PAIRED_BY_VIDEO


@pytest.mark.parametrize("weight", [0, 1])
def test_an_arm_without_views_yet_leaves_the_others_their_test(weight: int) -> None:
    """One that waits (weight 0), and one that has just been let in."""
    experiment = make_experiment(videos=len(LOPSIDED), weights=(2, 1, 0))
    two = tuple((*arms[:2], (0, 0)) for arms in LOPSIDED)
    add_day(experiment, two)
    if weight:
        lifecycle.change(experiment, weights={"raw": 2, "re_seq2seq": 1, "gevaden": weight})
    end(experiment)
    rates = np.array(LOPSIDED)[..., 1] / np.array(LOPSIDED)[..., 0]
    _, arm, _ = build(experiment).arms
    assert arm.comparison is not None
    oracle = stats.ttest_rel(rates[:, 1], rates[:, 0])
    assert arm.comparison.p_value == pytest.approx(oracle.pvalue / AT_THE_END)
    assert arm.comparison.df == oracle.df


def test_the_best_arm_is_the_one_with_the_largest_improvement() -> None:
    report = build(counted_study())
    assert report.best is not None
    assert report.best.selector == "gevaden"


def test_the_headline_speaks_of_the_winner_where_an_unclear_arm_is_higher() -> None:
    unsteady = (200, 2400, 150, 1900, 260, 1500)
    rows = tuple(
        ((10_000, 500), (10_000, 640 + number), (10_000, clicks))
        for number, clicks in enumerate(unsteady)
    )
    report = build(counted_study(rows, slug="unsteady"))
    _, steady, higher = report.arms
    assert steady.comparison is not None
    assert higher.comparison is not None
    assert higher.comparison.improvement.value > steady.comparison.improvement.value
    assert report.verdict.arm == steady.name
    assert sentences.headline(report).startswith(f"{steady.name} lifts mCTR")


def test_the_papers_figures_stand_beside_the_pilots_own_arms_only() -> None:
    printed = [arm.paper for arm in build(counted_study()).arms]
    assert [paper.mean_ctr for paper in printed if paper] == [0.0530, 0.0636, 0.0729]
    two_arms = tuple(row[:2] for row in FOUR_VIDEOS)
    assert [arm.paper for arm in build(counted_study(two_arms, slug="two")).arms] == [None, None]


def test_a_running_experiment_may_be_read_at_any_moment_and_one_at_its_end_once() -> None:
    experiment = counted_study(ended=False)
    assert build(experiment).mode is Mode.ALWAYS_VALID
    end(experiment)
    assert build(experiment).mode is Mode.FIXED_HORIZON


def test_a_video_with_too_few_views_is_left_out_by_name() -> None:
    thin = (*FOUR_VIDEOS, ((3, 0), (900, 50), (900, 60)))
    report = build(counted_study(thin, min_views=100))
    assert report.included == 4
    (group,) = report.left_out
    assert group.slugs == ("pilot-4",)
    assert "fewer than 100 views in arm 'raw'" in group.reason
    assert report.control.mean_views.value == pytest.approx(VIEWS[:, 0].mean())
    assert report.titles == ("Pilot-0", "Pilot-1", "Pilot-2", "Pilot-3")


def test_a_video_that_nobody_was_shown_is_left_out_by_name() -> None:
    experiment = counted_study()
    experiment.videos.add(make_video("unseen"))
    report = build(experiment)
    assert [(group.reason, group.slugs) for group in report.left_out] == [
        (NEVER_SHOWN, ("unseen",))
    ]
    assert report.left_out_videos == 1


def test_a_video_taken_out_of_the_experiment_keeps_its_counts_and_its_name() -> None:
    experiment = counted_study()
    experiment.videos.remove(experiment.videos.get(slug="pilot-1"))
    report = build(experiment)
    assert report.included == 4
    assert "Pilot-1" in report.titles


def test_a_video_that_is_deleted_keeps_its_counts_and_is_said_on_every_door() -> None:
    experiment = counted_study()
    before = build(experiment)
    gone = experiment.videos.get(slug="pilot-1")
    name = f"deleted-{gone.pk}"
    gone.delete()
    report = build(experiment)
    assert [arm.mean_ctr for arm in report.arms] == [arm.mean_ctr for arm in before.arms]
    assert (report.included, report.deleted) == (4, (name,))
    said = f"1 video was deleted since, and the counts stay: here {name}."
    assert said in " ".join(as_text(report).split())
    page = Client().get("/dashboards/pilot/").content.decode()
    assert said in page.replace("\N{NO-BREAK SPACE}", " ")
    assert Client().get("/api/v1/reports/pilot").json()["videos"]["deleted"] == [name]
    assert Client().get("/dashboards/").status_code == 200


def test_an_experiment_without_any_event_has_undefined_figures_with_reasons() -> None:
    report = build(make_experiment())
    assert report.included == 0
    assert report.best is None
    for arm in report.arms:
        assert isnan(arm.mean_ctr.value)
        assert arm.mean_ctr.reason
    assert report.srm.reason
    assert report.day_count == 0


def test_assignment_by_viewer_gets_two_way_errors_from_the_events() -> None:
    experiment = make_experiment(videos=10, unit=Unit.VIEWER)
    rng = np.random.default_rng(7)
    for number in range(60):
        visit(f"viewer {number}", clicks=lambda _: rng.random() < 0.5)
    report = build(experiment)
    assert report.method is Method.TWO_WAY
    assert sum(report.srm.observed) == 60
    assert not report.srm.alarm
    roll_up()
    counts = kept_counts.video_counts(Layout.of(experiment)).total()
    assert [arm.views for arm in report.arms] == counts.views.sum(axis=0).tolist()
    assert [arm.clicks for arm in report.arms] == counts.clicks.sum(axis=0).tolist()
    rates = (counts.clicks / counts.views).mean(axis=0)
    assert [arm.mean_ctr.value for arm in report.arms] == pytest.approx(rates)
    for arm in report.compared:
        assert arm.comparison is not None
        assert 0 < arm.comparison.p_value <= 1


def test_assignment_by_viewer_without_any_event_has_reasons() -> None:
    report = build(make_experiment(unit=Unit.VIEWER))
    assert report.included == 0
    assert report.best is None
    assert report.srm.reason


def test_assignment_by_video_compares_between_videos() -> None:
    counts = (
        ((900, 45), (0, 0)),
        ((0, 0), (910, 70)),
        ((800, 30), (0, 0)),
        ((0, 0), (820, 66)),
        ((700, 31), (0, 0)),
    )
    report = build(counted_study(counts, unit=Unit.VIDEO))
    assert report.method is Method.WELCH
    oracle = stats.ttest_ind([70 / 910, 66 / 820], [0.05, 30 / 800, 31 / 700], equal_var=False)
    (arm,) = report.compared
    assert arm.comparison is not None
    assert arm.comparison.p_value == pytest.approx(oracle.pvalue / AT_THE_END)
    assert report.srm.observed == (3, 2)


def test_shares_far_from_the_weights_are_an_alarm() -> None:
    assert build(counted_study(LOPSIDED)).srm.alarm
    report = build(counted_study(slug="level"))
    assert not report.srm.alarm
    assert report.srm.observed == tuple(VIEWS.sum(axis=0))


def test_views_in_an_arm_of_weight_zero_are_an_alarm() -> None:
    experiment = counted_study()
    Cell.objects.filter(arm__index=2).update(share=0)
    assert build(experiment).srm.alarm


def two_phases(unit: str) -> Experiment:
    """Two to one, then one to two."""
    experiment = make_experiment(videos=30, weights=(2, 1, 1), unit=unit)
    show_feed(range(60))
    allocation_phases.change(experiment, weights={0: 1, 1: 2, 2: 1})
    feed.refresh()
    show_feed(range(100, 160))
    roll_up()
    return experiment


@pytest.mark.parametrize("unit", ASSIGNED_UNITS)
def test_each_thing_is_read_once_however_many_phases(
    unit: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = two_phases(unit)
    with django_assert_max_num_queries(10) as read:
        report = build(experiment)
    assert sum(arm.views for arm in report.arms)
    statements = [query["sql"] for query in read.captured_queries]
    assert len(set(statements)) == len(statements)


@pytest.mark.parametrize("unit", ASSIGNED_UNITS)
def test_each_phase_is_judged_by_its_own_shares(unit: str) -> None:
    report = build(two_phases(unit))
    assert not report.srm.reason
    assert 0 < report.srm.p_value <= 1
    assert not report.srm.alarm
    assert sum(report.srm.observed) == pytest.approx(sum(report.srm.expected))


def test_a_phase_without_its_shares_is_an_alarm_whatever_the_others() -> None:
    experiment = make_experiment(videos=30)
    show_feed(range(40))
    allocation_phases.change(experiment, weights={0: 3, 1: 1, 2: 1})
    feed.refresh()
    show_feed(range(100, 140))
    Cell.objects.filter(phase__number=2).update(share=1 / 3)
    roll_up()
    assert build(experiment).srm.alarm


def show_feed(viewers: range) -> None:
    for viewer in viewers:
        visit(f"v{viewer}", count=10)


def test_days_add_up_to_the_arms_totals() -> None:
    experiment = counted_study()
    add_day(experiment, FOUR_VIDEOS, day=1)
    report = build(experiment)
    assert report.day_count == 2
    for arm in report.arms:
        assert sum(row.views for row in report.days if row.arm == arm.index) == arm.views
        assert arm.views == 2 * VIEWS[:, arm.index].sum()
    assert report.views == 2 * VIEWS.sum()


def test_events_that_no_count_holds_yet_are_told() -> None:
    experiment = counted_study(ended=False)
    assert not build(experiment).uncounted
    visit("viewer", experiment="pilot")
    report = build(experiment)
    assert report.uncounted
    assert sentences.moment(report).endswith("; newer events await the next count")
    roll_up()
    assert not build(experiment).uncounted


def test_the_funnel_holds_every_step_of_every_video() -> None:
    steps = build(counted_study()).control.steps
    assert steps["served"] == 2 * VIEWS[:, 0].sum()
    assert steps["click"] == CLICKS[:, 0].sum()
    assert list(steps) == ["served", "loaded", "viewable", "animated", "click", "watched", "calm"]


def test_the_error_that_viewers_add_widens_the_headline_and_is_said() -> None:
    experiment = counted_study(LOPSIDED, ended=False)
    before = build(experiment).arms[1].comparison
    assert "not computed yet" in as_text(build(experiment))
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[], inflation=4.0,
        df=5.0, units=1000, crossed=120,
    )  # fmt: skip
    report = build(experiment)
    after = report.arms[1].comparison
    assert before is not None
    assert after is not None
    assert after.standard_error == pytest.approx(2 * before.standard_error)
    assert (before.df, after.df) == (11, 5)
    text = " ".join(as_text(report).split())
    assert "intervals are 2.0 times as wide" in text
    assert "120 of 1,000 units (12.0 %) were seen in two arms" in text
