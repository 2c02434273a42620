"""Shares that change while click rates drift: no arm wins by the calendar."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import compared, estimate
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.horizon import AlwaysValid
from experiments.analysis.stats.over_time import cumulative_effects, cumulative_means
from experiments.analysis.stats.records import FloatArray, StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.standardise import groups, joined, rates_of_span
from experiments.analysis.stats.summary import summarise
from experiments.unit import Unit

from .cast import draw_counts, in_strata

ARMS = ("raw", "gif", "seq")
UNIT = Unit.VIEWER_VIDEO


def phases(shares: list[list[float]], rates: list[list[float]], views: int = 200_000) -> FloatArray:
    """Return exact counts, (2, S, V, K): eight videos at base rates of their own."""
    base = 0.01 * np.arange(1, 9)[None, :, None]
    seen = views * np.array(shares)[:, None, :] * np.ones((1, 8, 1))
    return np.stack([seen, seen * base * np.array(rates)[:, None, :]])


def counts_of(shares: list[list[float]], rates: list[list[float]]) -> StratifiedCounts:
    views, clicks = np.rint(phases(shares, rates)).astype(np.int64)
    return StratifiedCounts(np.arange(8), ARMS[: len(shares[0])], np.array(shares), views, clicks)


@pytest.mark.parametrize(
    "shares",
    [
        [[0.5, 0.5], [0.1, 0.9]],
        [[0.95, 0.05], [0.5, 0.5]],
        [[0.5, 0.5], [0.8, 0.2], [0.2, 0.8]],
    ],
)
@pytest.mark.parametrize("lift", [1.0, 0.9])
def test_rates_that_drift_are_no_effect_of_an_arm(shares: list[list[float]], lift: float) -> None:
    drift = [1.0, 2.0, 0.5][: len(shares)]
    counts = counts_of(shares, [[d, d * lift] for d in drift])
    found = compare(estimate(counts, UNIT).mean_ctr)[0]
    summed = compare(estimate(counts.total(), UNIT).mean_ctr)[0]
    assert found.improvement.value == pytest.approx(lift - 1, abs=1e-12)
    assert abs(summed.improvement.value - (lift - 1)) > 0.1  # which is what is mended


def test_a_dropped_arm_is_compared_while_it_was_there() -> None:
    third = 1 / 3
    counts = counts_of(
        [[third, third, third], [0.5, 0.5, 0.0]], [[1.5, 1.5 * 1.2, 1.5 * 0.8], [1.0, 1.2, 1.0]]
    )
    estimated = estimate(counts, UNIT)
    found = {line.arm: line.improvement.value for line in compare(estimated.mean_ctr)}
    assert found == pytest.approx({"gif": 0.2, "seq": -0.2}, abs=1e-3)
    assert estimated.mean_ctr.arms == ("raw", "gif", "raw", "seq")
    assert [line.arm for line in summarise(estimated)] == list(ARMS)
    assert estimated.inclusion.included_videos == 8


def test_a_late_arm_is_compared_since_it_came() -> None:
    counts = counts_of([[0.5, 0.5, 0.0], [0.4, 0.4, 0.2]], [[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]])
    assert {c.improvement.value for c in compare(estimate(counts, UNIT).mean_ctr)} == {0.0}


def test_an_arm_that_never_met_the_control_is_shown_and_not_compared() -> None:
    counts = counts_of([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]], [[1.0, 1.1, 0.0], [0.0, 1.1, 1.0]])
    estimated = estimate(counts, UNIT)
    assert [line.arm for line in compare(estimated.mean_ctr)] == ["gif"]
    assert summarise(estimated)[2].mean_ctr.value == pytest.approx(0.045, rel=0.01)
    with pytest.raises(InputError, match="'seq' has no comparison"):
        estimated.mean_ctr.pair("seq")


def test_a_video_whose_arms_never_met_does_not_count() -> None:
    counts = counts_of([[0.5, 0.5], [0.1, 0.9]], [[1.0, 1.0], [1.0, 1.0]])
    views = counts.views.copy()
    views[0, 3, 1] = views[1, 3, 0] = 0
    clicks = np.minimum(counts.clicks, views)
    apart = StratifiedCounts(counts.video_ids, counts.arms, counts.shares, views, clicks)
    found = estimate(apart, UNIT).inclusion
    assert found.included_videos == 7
    assert found.left_out[0].video_ids == (3,)
    assert "not seen at the same shares" in found.left_out[0].reason


def test_strata_of_equal_shares_are_one() -> None:
    counts = in_strata(draw_counts(), [[1, 1, 1], [2, 2, 2], [2, 1, 1], [1, 1, 1]])
    whole, place = joined(counts)
    assert place.tolist() == [0, 0, 1, 0]
    assert whole.shares.tolist()[1] == [0.5, 0.25, 0.25]
    assert whole.views.sum() == counts.views.sum()
    paused = in_strata(draw_counts(), [[1, 1, 1], [3, 3, 3]])
    assert compare(estimate(paused, UNIT).mean_ctr) == compare(
        estimate(paused.total(), UNIT).mean_ctr
    )


@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(3)))
def test_the_order_of_strata_changes_nothing(seed: int, order: list[int]) -> None:
    counts = in_strata(draw_counts(seed, videos=12), [[1, 1, 1], [2, 1, 1], [1, 1, 3]])
    other = StratifiedCounts(
        counts.video_ids, counts.arms, counts.shares[order], counts.views[order],
        counts.clicks[order],
    )  # fmt: skip
    for one, two in zip(
        compare(estimate(counts, UNIT).mean_ctr),
        compare(estimate(other, UNIT).mean_ctr),
        strict=True,
    ):
        assert one.difference.value == pytest.approx(two.difference.value, rel=1e-9)
        assert one.standard_error == pytest.approx(two.standard_error, rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_inverse_propensities_agree_within_their_error(seed: int) -> None:
    """Σ click/π over Σ view/π needs no strata: the propensity of each view is enough."""
    rng = np.random.default_rng(seed)
    shares = np.array([[0.5, 0.5], [0.1, 0.9]])
    rates = np.exp(rng.normal(-3, 0.4, 40))[None, :, None] * np.array([1.0, 1.6])[:, None, None]
    views = rng.poisson(3000 * shares[:, None, :], (2, 40, 2))
    clicks = rng.binomial(views, rates * np.array([1.0, 1.1]))
    counts = StratifiedCounts(np.arange(40), ARMS[:2], shares, views, clicks)
    weighted = (clicks / shares[:, None]).sum(axis=(0, 1)) / (views / shares[:, None]).sum(
        axis=(0, 1)
    )
    pooled = estimate(counts, UNIT).pooled_ctr
    error = np.sqrt(np.diag((clicks / shares[:, None] ** 2).sum(axis=(0, 1)) * np.eye(2)))
    error /= (views / shares[:, None]).sum(axis=(0, 1))
    assert np.all(np.abs(pooled.means - weighted) < 5 * error)


def test_two_way_errors_are_those_of_statsmodels_with_the_mix_of_strata() -> None:
    rng = np.random.default_rng(5)
    rows = 6000
    stratum, viewer = rng.integers(0, 2, rows), rng.integers(0, 90, rows)
    video, arm = rng.integers(0, 10, rows), (rng.random(rows) < 0.5 + 0.3 * stratum).astype(int)
    clicks = rng.binomial(1, 0.1 + 0.1 * stratum + 0.01 * video)
    shares = np.array([[0.5, 0.5], [0.2, 0.8]])
    sums = ViewerVideoSums(
        viewer, video, stratum, arm, np.ones(rows, int), clicks, ARMS[:2], shares
    )
    got = estimate(sums, UNIT).mean_ctr
    fit = sm.OLS(clicks, np.eye(40)[(stratum * 10 + video) * 2 + arm]).fit()
    both, _, _ = cov_cluster_2groups(
        fit, np.unique(viewer, return_inverse=True)[1], video, use_correction=False
    )
    views = np.zeros((2, 10))
    np.add.at(views, (stratum, video), 1)
    by_column = np.zeros((2, 2, 10, 2))  # (C, S, V, K)
    for k in (0, 1):
        by_column[k, :, :, k] = views / views.sum(axis=0) / 10
    average = by_column.reshape(2, 40)
    ctr = (views[:, :, None] / views.sum(axis=0)[:, None] * fit.params.reshape(2, 10, 2)).sum(0)
    terms = dict(got.terms)
    np.testing.assert_allclose(got.means, average @ fit.params)
    np.testing.assert_allclose(
        terms["viewers and videos"],
        average @ both @ average.T + np.cov(ctr, rowvar=False) / 10,
        rtol=1e-8,
        atol=1e-15,
    )


def test_videos_that_change_their_arm_are_compared_within_strata() -> None:
    views = np.zeros((2, 6, 2), np.int64)
    views[0, [0, 1, 2], 0] = views[0, [3, 4, 5], 1] = 1000
    views[1, [0, 1], 0] = views[1, [2, 3, 4, 5], 1] = 1000  # video 2 moved
    base = np.array([40, 60, 50, 40, 60, 50])
    clicks = np.where(views > 0, (base * np.array([[1], [3]]))[:, :, None], 0)
    shares = np.array([[0.5, 0.5], [0.3, 0.7]])
    counts = StratifiedCounts(np.arange(6), ARMS[:2], shares, views, clicks)
    estimated = estimate(counts, Unit.VIDEO)
    assert estimated.inclusion.included_videos == 6
    assert estimated.mean_ctr.means.tolist() == pytest.approx([0.1, 0.1])
    assert estimated.pooled_ctr.means.tolist() == pytest.approx([0.1, 0.1])


def test_bands_cross_in_no_drifting_null() -> None:
    shares = [[0.5, 0.5], [0.1, 0.9]]
    rng = np.random.default_rng(1)
    days = []
    for day in range(10):
        counts = counts_of(shares, [[1.0, 1.0], [1.6, 1.6]])
        views = counts.views * (np.arange(2) == day // 5)[:, None, None]
        clicks = rng.binomial(views, counts.clicks / counts.views)
        days.append(StratifiedCounts(counts.video_ids, counts.arms, counts.shares, views, clicks))
    horizons = [AlwaysValid(day / len(days)) for day in range(1, len(days) + 1)]
    looks = cumulative_effects(cumulative_means(days, UNIT), horizons)
    assert len(looks) == 10
    assert not any(line.significant for look in looks for line in look)


def test_no_stratum_is_no_reason_to_fail() -> None:
    nothing = StratifiedCounts(
        np.arange(0), ARMS, np.zeros((1, 3)), *np.zeros((2, 1, 0, 3), np.int64)
    )
    assert [group.arms for group in groups(nothing.shares)] == [(0,), (1,), (2,)]
    inclusion, columns = compared(nothing, UNIT, 1)
    assert inclusion.included_videos == 0
    assert columns.ctr.shape == (0, 3)
    assert compare(estimate(nothing, UNIT).mean_ctr) == ()


def test_rates_of_a_day_in_which_shares_change_are_by_one_mix() -> None:
    """Both arms click at 4 % and later at 6 %, the second arm mostly shown later."""
    views = np.array([[900, 100], [100, 900]])
    clicks = np.array([[36, 4], [6, 54]])
    assert rates_of_span(views, clicks) == pytest.approx([0.05, 0.05])
    assert clicks.sum(axis=0) / views.sum(axis=0) == pytest.approx([0.042, 0.058])
    # A third arm that comes later is compared over the time in which all were seen.
    late = np.column_stack([views, [0, 1000]]), np.column_stack([clicks, [0, 70]])
    assert rates_of_span(*late) == pytest.approx([0.06, 0.06, 0.07])


def test_rates_of_arms_that_never_met_are_plain_and_of_one_unseen_nan() -> None:
    apart = np.array([[100, 0, 0], [0, 100, 0]])
    rates = rates_of_span(apart, apart // 10)
    assert rates[:2] == pytest.approx([0.1, 0.1])
    assert np.isnan(rates[2])
    assert np.isnan(rates_of_span(np.array([[100, 0]]), np.array([[5, 0]]))).tolist() == [0, 1]
