"""Effects by slice: the error of the pooled comparison, and tests that keep their level."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.stats.cut_effects import (
    ALL_ALIKE,
    FEW_CLICKS,
    FEW_MAKE_MOST,
    NEVER_MET,
    NO_CLICKS,
    SliceEffects,
    as_lift,
    departures,
    fading,
    lifts,
    slice_effects,
)
from experiments.analysis.stats.cut_moments import CutMoments
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.horizon import AlwaysValid, FixedHorizon, NotYet
from experiments.analysis.stats.records import ViewerVideoSums
from experiments.analysis.stats.results import Estimate, Method
from experiments.unit import Unit

from .sliced import SHARES, draw_views, moments_of

ONCE = FixedHorizon()


def effects_of(values: list[float], error: float, reasons: tuple[str, ...] = ()) -> SliceEffects:
    size = len(values)
    return SliceEffects(
        np.array(values),
        error**2 * np.eye(size),
        np.full(size, 1e6),
        np.full(size, 1000),
        reasons or ("",) * size,
    )


@pytest.mark.parametrize(("sticky", "unit"), [(False, Unit.VIEWER_VIDEO), (True, Unit.VIEWER)])
def test_all_views_as_one_slice_have_the_error_of_the_pooled_comparison(
    sticky: bool, unit: Unit
) -> None:
    rows = draw_views(3, (0.3,), sticky=sticky)
    found = slice_effects(moments_of(rows), SHARES, 1)
    sums = ViewerVideoSums(
        rows.viewer, rows.video, rows.stratum, rows.arm,
        np.ones_like(rows.arm), rows.clicked.astype(np.int64), ("control", "arm"), SHARES,
    )  # fmt: skip
    pooled = estimate(sums, unit, method=Method.TWO_WAY).pooled_ctr
    assert found.log_ratios[0] == pytest.approx(np.log(pooled.means[1] / pooled.means[0]))
    scale = np.array([-1, 1]) / pooled.means
    variances = [scale @ covariance @ scale for _, covariance in pooled.terms]
    assert found.covariance[0, 0] == pytest.approx(max(variances), rel=1e-6)
    assert found.df[0] == np.floor(pooled.df.min())


def test_a_true_interaction_is_found_and_its_slice_named() -> None:
    found = slice_effects(moments_of(draw_views(5, (0.0, 0.0, 0.0, 1.0))), SHARES, 1)
    told = departures(found, 0.95, ONCE)
    p_values = [line.p_value for line in told if line]
    assert min(p_values) == p_values[3] < 1e-6
    assert told[3] is not None
    assert told[3].ratio.low > 0


def test_without_an_interaction_slices_differ_as_often_as_chance_lets_them() -> None:
    """150 experiments whose arm lifts all slices alike; three errors above 5 % are 10.3 %."""
    rejected = 0
    for seed in range(150):
        rows = draw_views(seed, (0.3,) * 5, rows=4000, viewers=300)
        told = departures(slice_effects(moments_of(rows), SHARES, 1), 0.95, ONCE)
        rejected += min((line.p_value for line in told if line), default=1.0) < 0.05
    assert 1 <= rejected <= 15


def test_intervals_hold_for_all_slices_together_and_agree_with_the_p_values() -> None:
    found = slice_effects(moments_of(draw_views(5, (0.0, 0.1, 0.25, 0.5))), SHARES, 1)
    for horizon in (ONCE, AlwaysValid(0.5)):
        for line in lifts(found, 0.95, horizon):
            assert line is not None
            interval = as_lift(line.simultaneous_difference)
            assert (interval.low > 0 or interval.high < 0) == (line.p_value_adjusted < 0.05)
            assert line.simultaneous_difference.low < line.difference.low


def test_before_the_first_look_nothing_is_said() -> None:
    found = slice_effects(moments_of(draw_views(5, (0.0, 0.5))), SHARES, 1)
    for line in lifts(found, 0.95, NotYet("too early")):
        assert line is not None
        assert line.reason == "too early"
        assert np.isnan(line.simultaneous_difference.low)


def test_a_slice_that_cannot_be_told_says_why_and_leaves_the_others_theirs() -> None:
    rows = draw_views(7, (0.2, 0.2))
    thin = replace(rows, slice=np.where(np.arange(rows.slice.size) < 40, 2, rows.slice))
    found = slice_effects(moments_of(thin), SHARES, 1)
    assert found.reasons == ("", "", FEW_CLICKS)
    told = lifts(found, 0.95, ONCE)
    assert [line is None for line in told] == [False, False, True]
    assert [line is None for line in departures(found, 0.95, ONCE)] == [False, False, True]
    silent = replace(rows, clicked=rows.clicked & (rows.arm == 0))
    assert slice_effects(moments_of(silent), SHARES, 1).reasons == (NO_CLICKS, NO_CLICKS)
    apart = slice_effects(moments_of(rows), np.array([[1.0, 0.0]]), 1)
    assert apart.reasons == (NEVER_MET, NEVER_MET)
    assert departures(apart, 0.95, ONCE) == (None, None)
    assert lifts(apart, 0.95, ONCE) == (None, None)


def test_one_video_that_makes_nearly_all_views_is_no_sample_of_videos() -> None:
    rows = draw_views(7, (0.2, 0.2))
    most = replace(rows, video=np.where(np.arange(rows.video.size) % 50, 0, rows.video))
    assert slice_effects(moments_of(most), SHARES, 1).reasons == (FEW_MAKE_MOST, FEW_MAKE_MOST)


def test_few_videos_are_looked_at_for_themselves_by_their_viewers() -> None:
    rows = draw_views(8, (0.3, 0.3), videos=2)
    found = slice_effects(moments_of(rows, videos=2), SHARES, 1)
    assert found.df.tolist() == [200, 200]
    line = lifts(found, 0.95, ONCE)[0]
    assert line is not None
    assert 0 < line.standard_error < 0.2


def test_an_arm_is_compared_within_equal_shares() -> None:
    """The arm is shown more when all click more: counts added up would say that it lifts."""
    rng = np.random.default_rng(4)
    rows = draw_views(9, (0.0, 0.0), rows=40_000)
    stratum = rng.integers(0, 2, rows.arm.size)
    arm = (rng.random(rows.arm.size) < np.array([0.1, 0.8])[stratum]).astype(np.int64)
    clicked = rng.random(rows.arm.size) < np.array([0.05, 0.2])[stratum]
    rows = replace(rows, stratum=stratum, arm=arm, clicked=clicked)
    shares = np.array([[0.9, 0.1], [0.2, 0.8]])
    found = slice_effects(CutMoments.none(40, (2, 2, 2)).plus(rows), shares, 1)
    assert np.abs(found.log_ratios).max() < 0.15
    assert np.all(np.abs(found.log_ratios) < 4 * np.sqrt(np.diag(found.covariance)))
    counted = [clicked[arm == each].mean() for each in (0, 1)]
    assert np.log(counted[1] / counted[0]) > 0.5


def test_a_fading_effect_is_followed_to_its_steady_state() -> None:
    reciprocals = np.array([1, 0.4, 0.2, 0.1, 0.05])
    found = fading(effects_of((0.1 + 0.3 * reciprocals).tolist(), 0.02), reciprocals, 0.95, ONCE)
    assert found.steady.value == pytest.approx(np.expm1(0.1))
    assert found.fade.value == pytest.approx(np.expm1(0.3))
    assert found.p_value < 1e-6
    assert found.steady.low < found.steady.value < found.steady.high
    constant = fading(effects_of([0.1] * 5, 0.02), reciprocals, 0.95, ONCE)
    assert constant.steady.value == pytest.approx(np.expm1(0.1))
    assert constant.p_value == pytest.approx(1.0)


def test_of_one_slice_no_fading_is_told() -> None:
    one = effects_of([0.1, 0.2], 0.02, ("", FEW_CLICKS))
    found = fading(one, np.array([1.0, 0.4]), 0.95, ONCE)
    assert np.isnan(found.p_value)
    assert found.steady.reason == ALL_ALIKE


def test_a_log_ratio_is_a_lift() -> None:
    found = as_lift(Estimate(0.0, np.log(0.9), np.log(1.2), 0.95, "why"))
    assert [found.value, found.low, found.high] == pytest.approx([0.0, -0.1, 0.2])
    assert (found.level, found.reason) == (0.95, "why")
