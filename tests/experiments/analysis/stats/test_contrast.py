from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import optimize, stats

from experiments.analysis.stats.contrast import (
    Contrast,
    contrast,
    improvement_estimate,
    t_critical,
    t_tail,
    t_with_tail,
)
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import ArmMeans, Estimate

from .cast import ARMS, MANY, draw_counts, means_of

LEVEL = 0.95


def fixed(counts: VideoCounts) -> tuple[Contrast, Estimate]:
    c = contrast(paired_means(ARMS, counts.ctr, MANY), 1, 0)
    return c, improvement_estimate(c, t_critical(LEVEL, c.df), LEVEL)


def test_fieller_limits_are_where_the_paired_test_of_the_ratio_turns() -> None:
    counts = draw_counts(5)
    c, improvement = fixed(counts)
    critical = t_critical(LEVEL, c.df)

    def excess(ratio: float) -> float:
        d = counts.ctr[:, 1] - ratio * counts.ctr[:, 0]
        return float(abs(d.mean() / (d.std(ddof=1) / np.sqrt(d.size))) - critical)

    top = 1 + improvement.value
    assert improvement.low + 1 == pytest.approx(optimize.brentq(excess, 0.01, top), rel=1e-8)
    assert improvement.high + 1 == pytest.approx(optimize.brentq(excess, top, 100), rel=1e-8)


@given(
    seed=st.integers(0, 10_000),
    videos=st.integers(2, 40),
    views=st.sampled_from([20.0, 100.0, 1000.0]),
    level=st.sampled_from([0.8, 0.95, 0.99]),
)
def test_one_test_behind_both_displays(seed: int, videos: int, views: float, level: float) -> None:
    counts = draw_counts(seed, videos=videos, views=views, lifts=(1.0, 1.3))
    c = contrast(paired_means(ARMS[:2], counts.ctr, MANY), 1, 0)
    if c.reason:
        return
    improvement = improvement_estimate(c, t_critical(level, c.df), level)
    rejected = c.p_value < 1 - level
    if not np.isnan(improvement.low):
        assert rejected == (improvement.low > 0 or improvement.high < 0)
        assert improvement.low <= improvement.value <= improvement.high
    else:
        assert improvement.reason


def ratios(control: ArrayLike, arm: ArrayLike) -> ArmMeans:
    return paired_means(ARMS[:2], np.column_stack([np.asarray(control), np.asarray(arm)]), MANY)


@pytest.mark.parametrize(
    ("control", "arm", "low", "high"),
    [
        ([0, 0, 0, 0.4], [0.4, 0.5, 0.6, 0.5], "positive", np.inf),  # a ray: 0 is not kept
        ([0, 0, 0, 0.4], [0, 0.3, 0, 0], -1.0, np.inf),  # every ratio is kept
    ],
)
def test_a_baseline_near_zero_has_no_upper_limit(
    control: list[float], arm: list[float], low: float | str, high: float
) -> None:
    c = contrast(ratios(control, arm), 1, 0)
    got = improvement_estimate(c, t_critical(LEVEL, c.df), LEVEL)
    assert got.high == high
    assert got.reason.endswith("no upper limit")
    assert got.low > 0 if low == "positive" else got.low == low


def test_a_ray_may_begin_left_of_the_branch_point() -> None:
    # B < 0 with C > 0: strong correlation of a noisy baseline with the arm.
    c = contrast(ratios([0.0, 0.01, 0.0, 0.5], [0.4, 0.41, 0.42, 0.6]), 1, 0)
    got = improvement_estimate(c, t_critical(0.99, c.df), 0.99)
    assert got.high == np.inf
    assert got.low > -1


def test_values_that_are_not_one_interval_are_nan_with_the_reason() -> None:
    control = np.array([0.001, 0.001, 0.0, 0.9])
    c = contrast(ratios(control, 0.3 * control + np.array([0.1, 0.101, 0.1, 0.1])), 1, 0)
    got = improvement_estimate(c, t_critical(LEVEL, c.df), LEVEL)
    assert np.isnan([got.low, got.high]).all()
    assert got.reason.endswith("not one interval")


def test_no_clicks_in_the_baseline_is_no_ratio() -> None:
    c = contrast(ratios([0.0, 0.0, 0.0], [0.1, 0.2, 0.3]), 1, 0)
    assert c.p_value < 0.1
    got = improvement_estimate(c, 2.0, LEVEL)
    assert np.isnan(got.value)
    assert "baseline has no clicks" in got.reason


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0])
def test_videos_that_do_not_vary_have_no_error(rate: float) -> None:
    c = contrast(ratios(np.full(5, rate), np.full(5, rate)), 1, 0)
    assert np.isnan([c.p_value, c.standard_error, c.statistic]).all()
    assert c.reason == "the same in every video"


def test_a_difference_that_does_not_vary_has_no_error() -> None:
    c = contrast(ratios(np.full(5, 0.125), np.full(5, 0.25)), 1, 0)
    assert np.isnan(c.p_value)
    assert "do not vary" in c.reason


def test_a_vanishing_p_value_is_the_smallest_number_not_zero() -> None:
    base = np.linspace(0.1, 0.1001, 5000)
    c = contrast(ratios(base, base + 0.5 + np.tile([0, 1e-6], 2500)), 1, 0)
    assert c.p_value == np.finfo(np.float64).tiny


def test_too_few_clicks_are_refused_with_their_number() -> None:
    few = paired_means(ARMS[:2], draw_counts(1, lifts=(1.0, 1.2)).ctr, np.array([500.0, 19.0]))
    c = contrast(few, 1, 0)
    assert np.isnan([c.p_value, c.standard_error]).all()
    assert (
        c.reason
        == "19 events expected in arm 'seq2seq': fewer than 20, too few for an honest error"
    )
    assert not np.isnan(c.difference)


def test_errors_of_two_parts_have_the_degrees_of_freedom_that_satterthwaite_gives() -> None:
    viewers, videos = np.diag([3e-6, 2e-6]), np.diag([1e-6, 1e-6])
    means = replace(
        means_of(0.01, 0.01),
        terms=(("viewers and videos", viewers + videos), ("videos", videos)),
        df=np.full(2, 9.0),
        df_of_parts=np.array([[999.0, 999.0], [9.0, 9.0]]),
    )
    # 5e-6 with 999 and 2e-6 with 9 degrees of freedom.
    assert contrast(means, 1, 0).df == pytest.approx(7**2 / (5**2 / 999 + 2**2 / 9))
    less = replace(means, terms=(("viewers and videos", videos / 2), ("videos", videos)))
    assert contrast(less, 1, 0).df == 9.0


@pytest.mark.parametrize("tail", [0.0, 1e-200, 0.025, 0.5])
def test_a_tails_t_is_that_of_scipy(tail: float) -> None:
    expected = stats.t.isf(tail, 9.5)
    assert t_with_tail(tail, 9.5) == pytest.approx(expected)
    assert t_tail(t_with_tail(tail, 9.5), 9.5) == pytest.approx(tail)
