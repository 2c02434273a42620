"""Horizons: each keeps its error, and its intervals, p-values and bounds say the same."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.horizon import (
    TOO_EARLY,
    AlwaysValid,
    FixedHorizon,
    GroupSequential,
    Horizon,
    NotYet,
    normal_score,
)
from experiments.analysis.stats.results import ArmMeans, Comparison, Method, Mode
from experiments.analysis.stats.spending import Spending, bounds, spent

from .cast import growing_means, means_of

QUARTERS = (0.25, 0.5, 0.75, 1.0)
HORIZONS: list[Horizon] = [
    FixedHorizon(),
    FixedHorizon(0.8),
    AlwaysValid(0.3),
    AlwaysValid(1.0, 0.2),
    GroupSequential(QUARTERS, QUARTERS),
]


def read(effect: float, horizon: Horizon, level: float = 0.95) -> Comparison:
    (comparison,) = compare(means_of(effect, 0.01), level=level, horizon=horizon)
    return comparison


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("effect", [0.0, 0.019, 0.021, 0.03, -0.03, 0.05])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_and_p_values_say_the_same(horizon: Horizon, effect: float, level: float) -> None:
    found = read(effect, horizon, level)
    excluded = found.difference.low > 0 or found.difference.high < 0
    assert excluded == (found.p_value < 1 - level)
    assert excluded == (found.improvement.low > 0 or found.improvement.high < 0)
    together = found.simultaneous_difference
    assert found.significant == (together.low > 0 or together.high < 0)


def test_a_share_of_the_error_is_a_stricter_level() -> None:
    whole, part = read(0.02, FixedHorizon()), read(0.02, FixedHorizon(0.8))
    assert part.p_value == pytest.approx(whole.p_value / 0.8)
    low, high = stats.norm.interval(0.96, 0.02, 0.01)
    assert (part.difference.low, part.difference.high) == pytest.approx((low, high), rel=1e-5)


def test_always_valid_bands_grow_narrower_relative_to_the_error_until_the_planned_end() -> None:
    criticals = [AlwaysValid(share).critical(0.05, 0.95) for share in (0.05, 0.2, 1.0, 3.0)]
    assert criticals[0] > criticals[1] > criticals[2] < criticals[3]
    # Waudby-Smith et al., eq. 6, at ρ² I = 7.67 or so: about 3.03 standard errors.
    assert criticals[2] == pytest.approx(3.03, abs=0.02)


@pytest.mark.parametrize("elapsed", [1.0, 0.5])
def test_a_true_null_looked_at_every_day_is_rejected_in_at_most_5_percent(elapsed: float) -> None:
    rejected = 0
    for seed in range(60):
        looks = growing_means(seed, looks=28)
        shares = np.arange(1, 29) / 28 * elapsed
        rejected += any(
            compare(look, horizon=AlwaysValid(float(share)))[0].significant
            for look, share in zip(looks, shares, strict=True)
        )
    assert rejected <= stats.binom.ppf(0.999, 60, 0.05)


def test_each_planned_look_is_held_against_its_own_bound() -> None:
    information = (30.0, 100.0, 250.0, 400.0)  # views, faster at the end
    spent_by = [spent(Spending.OBRIEN_FLEMING_TWO_SIDED, t, 0.05) for t in QUARTERS]
    expected = bounds(information, spent_by)
    for k in range(1, 5):
        horizon = GroupSequential(information[:k], QUARTERS[:k])
        assert horizon.critical(0.05) == pytest.approx(expected[k - 1])


def test_one_planned_look_is_the_fixed_test() -> None:
    once = GroupSequential((1.0,), (1.0,))
    assert once.critical(0.05) == pytest.approx(stats.norm.ppf(0.975))
    assert read(0.02, once).p_value == pytest.approx(2 * stats.norm.sf(2), rel=1e-4)


def test_a_true_null_is_rejected_at_planned_looks_as_often_as_promised() -> None:
    rejected = 0
    for seed in range(60):
        looks = growing_means(seed, looks=4)
        rejected += any(
            compare(look, horizon=GroupSequential(QUARTERS[:k], QUARTERS[:k]))[0].significant
            for k, look in enumerate(looks, start=1)
        )
    assert stats.binomtest(rejected, 60, 0.05).pvalue > 0.001


@pytest.mark.parametrize(("effect", "p_value"), [(0.0, 1.0), (0.5, 1e-12)])
def test_repeated_p_values_end_with_their_range(effect: float, p_value: float) -> None:
    assert read(effect, GroupSequential(QUARTERS, QUARTERS)).p_value == p_value


def test_what_is_too_early_says_so() -> None:
    early = read(0.05, GroupSequential((0.01,), (0.01,)))
    assert early.difference.reason == early.improvement.reason == TOO_EARLY
    assert np.isnan(early.p_value)
    not_yet = read(0.05, NotYet("the first of 4 looks is due on 2026-12-01"))
    assert not_yet.reason == "the first of 4 looks is due on 2026-12-01"
    assert not_yet.difference.value == pytest.approx(0.05)
    assert not not_yet.significant
    assert not_yet.standard_error == pytest.approx(0.01)


def test_what_cannot_be_tested_keeps_its_own_reason() -> None:
    for horizon in HORIZONS:
        (found,) = compare(means_of(0.01, np.nan), horizon=horizon)
        assert found.reason == "not known"
        assert np.isnan(found.p_value_adjusted)


def test_ways_are_named() -> None:
    assert [horizon.mode for horizon in HORIZONS] == [
        Mode.FIXED_HORIZON, Mode.FIXED_HORIZON, Mode.ALWAYS_VALID, Mode.ALWAYS_VALID,
        Mode.GROUP_SEQUENTIAL,
    ]  # fmt: skip
    assert NotYet("").mode is Mode.GROUP_SEQUENTIAL


def test_boundaries_end_with_the_bound_of_now() -> None:
    daily = AlwaysValid(0.5, 0.2).boundary(0.05, 0.95, looks=14)
    assert daily.criticals[-1] == pytest.approx(AlwaysValid(0.5, 0.2).critical(0.05, 0.95))
    assert len(daily.information) == 14
    planned = GroupSequential(QUARTERS, QUARTERS)
    assert planned.boundary(0.05, 0.95, looks=99).criticals[-1] == planned.critical(0.05)
    without: list[Horizon] = [FixedHorizon(), NotYet("")]
    assert [horizon.boundary(0.05, 0.95, looks=3) for horizon in without] == [None, None]


def test_a_statistic_past_every_tail_is_its_own_score() -> None:
    assert normal_score(60.0, 1e7) == pytest.approx(60, rel=0.1)


def test_each_comparison_is_read_with_its_own_degrees_of_freedom() -> None:
    """Hasler & Hothorn (2008); critical values by Dunnett's table (1964), three comparisons."""
    arms = 4
    means = ArmMeans(
        arms=("control", "late", "one", "two"),
        means=np.full(arms, 0.05),
        terms=(("arms", 1e-6 * np.eye(arms)),),
        df=np.array([60.0, 20.0, 60.0, 60.0]),
        videos=np.full(arms, 60),
        events=np.full(arms, 1e3),
        method=Method.PAIRED_BY_VIDEO,
    )
    halves = [
        (line.simultaneous_difference.high - line.difference.value) / line.standard_error
        for line in compare(means)
    ]
    assert halves == pytest.approx([2.54, 2.41, 2.41], abs=0.006)
    two_videos = replace(means, df=np.array([60.0, 1.0, 60.0, 60.0]))
    late, *others = compare(two_videos)
    assert late.simultaneous_difference.high > 0.02
    assert [line.simultaneous_difference for line in others] == [
        line.simultaneous_difference for line in compare(means)[1:]
    ]
