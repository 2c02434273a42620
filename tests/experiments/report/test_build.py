"""The record: counts from the database, judged by the experiment's design."""

from math import isnan

import numpy as np
import pytest
from scipy import stats

from experiments import phases
from experiments.models import Experiment
from experiments.report import build
from experiments.report.build import NEVER_SHOWN
from experiments.stats.results import Method, Mode
from tests.experiments.report.cast import FOUR_VIDEOS, add_day, counted_study, end
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
        assert arm.comparison.p_value == pytest.approx(oracle.pvalue)
        lift = CTR[:, arm.index].mean() / CTR[:, 0].mean() - 1
        assert arm.comparison.improvement.value == pytest.approx(lift)
    assert report.method is Method.PAIRED_BY_VIDEO


def test_the_best_arm_is_the_one_with_the_largest_improvement() -> None:
    report = build(counted_study())
    assert report.best is not None
    assert report.best.selector == "gevaden"


def test_the_papers_figures_stand_beside_the_pilots_own_arms_only() -> None:
    printed = [arm.paper for arm in build(counted_study()).arms]
    assert [paper.mean_ctr for paper in printed if paper] == [0.0530, 0.0636, 0.0729]
    two_arms = tuple(row[:2] for row in FOUR_VIDEOS)
    assert [arm.paper for arm in build(counted_study(two_arms, slug="two")).arms] == [None, None]


def test_a_running_experiment_is_provisional_and_an_ended_one_final() -> None:
    experiment = counted_study(ended=False)
    assert build(experiment).mode is Mode.PROVISIONAL
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


def test_an_experiment_without_any_event_has_undefined_figures_with_reasons() -> None:
    report = build(make_experiment())
    assert report.included == 0
    assert report.best is None
    for arm in report.arms:
        assert isnan(arm.mean_ctr.value)
        assert arm.mean_ctr.reason
    assert report.srm.reason
    assert report.day_count == 0


def test_assignment_by_viewer_gets_no_paired_test_but_the_reason() -> None:
    report = build(counted_study(unit=Experiment.Unit.VIEWER))
    assert report.compared == ()
    assert report.method is None
    assert "needs sums by viewer and video" in report.refusal
    assert [arm.mean_ctr.value for arm in report.arms] == pytest.approx(CTR.mean(axis=0))
    assert isnan(report.control.mean_ctr.low)
    assert "viewers by arm are not at hand" in report.srm.reason


def test_assignment_by_video_compares_between_videos() -> None:
    counts = (
        ((900, 45), (0, 0)),
        ((0, 0), (910, 70)),
        ((800, 30), (0, 0)),
        ((0, 0), (820, 66)),
        ((700, 31), (0, 0)),
    )
    report = build(counted_study(counts, unit=Experiment.Unit.VIDEO))
    assert report.method is Method.WELCH
    oracle = stats.ttest_ind([70 / 910, 66 / 820], [0.05, 30 / 800, 31 / 700], equal_var=False)
    (arm,) = report.compared
    assert arm.comparison is not None
    assert arm.comparison.p_value == pytest.approx(oracle.pvalue)
    assert report.srm.observed == (3, 2)


def test_shares_far_from_the_weights_are_an_alarm() -> None:
    lopsided = tuple(((2 * raw[0], raw[1]), *rest) for raw, *rest in FOUR_VIDEOS)
    assert build(counted_study(lopsided)).srm.alarm


def test_views_in_an_arm_of_weight_zero_are_an_alarm() -> None:
    experiment = counted_study()
    experiment.arms.filter(index=2).update(weight=0)
    assert build(experiment).srm.alarm


def test_shares_are_not_judged_by_weights_that_have_changed() -> None:
    experiment = counted_study(ended=False)
    phases.change(experiment, weights={0: 2, 1: 1, 2: 1})
    report = build(experiment)
    assert not report.srm.alarm
    assert "the weights changed" in report.srm.reason


def test_days_add_up_to_the_arms_totals() -> None:
    experiment = counted_study()
    add_day(experiment, FOUR_VIDEOS, day=1)
    report = build(experiment)
    assert report.day_count == 2
    for arm in report.arms:
        assert sum(row.views for row in report.days if row.arm == arm.index) == arm.views
        assert arm.views == 2 * VIEWS[:, arm.index].sum()
    assert report.views == 2 * VIEWS.sum()


def test_the_funnel_holds_every_step_of_every_video() -> None:
    steps = dict(build(counted_study()).control.steps)
    assert steps["served"] == 2 * VIEWS[:, 0].sum()
    assert steps["click"] == CLICKS[:, 0].sum()
    assert list(steps) == ["served", "loaded", "viewable", "animated", "click", "watched"]
