from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.records import IntArray, ViewerVideoSums
from experiments.analysis.stats.results import ArmMeans, Method, Scope
from experiments.analysis.stats.scenarios import Scenario, draw
from experiments.analysis.stats.standardise import groups, paired_columns
from experiments.analysis.stats.summary import arm_estimate
from experiments.analysis.stats.two_way import inflation, two_way_mean_ctr, two_way_pooled_ctr
from experiments.unit import Unit

from .cast import draw_sums, expand


def mean_ctr(sums: ViewerVideoSums, *, left_out: int = 0, pieces: int = 1) -> ArmMeans:
    """Return mCTR without the first videos, from viewers in pieces."""
    counts = CodedSums.of(sums).counts()
    included = np.arange(counts.video_ids.size) >= left_out
    columns = paired_columns(counts, groups(counts.shares), [included])
    piece = sums.viewer_ids % pieces
    parts = [CodedSums.of(sums.where(piece == number)) for number in range(pieces)]
    return two_way_mean_ctr(parts, counts, columns)


def pooled_ctr(sums: ViewerVideoSums, *, left_out: int = 0) -> ArmMeans:
    """Return pooled CTR without the first videos."""
    coded = CodedSums.of(sums)
    counts = coded.counts()
    included = np.arange(counts.video_ids.size) >= left_out
    columns = paired_columns(counts, groups(counts.shares), [included])
    return two_way_pooled_ctr(coded, counts, columns)


@pytest.mark.parametrize("sticky", [True, False])
def test_pooled_errors_are_those_of_statsmodels_on_expanded_rows(sticky: bool) -> None:
    sums = draw_sums(2, sticky=sticky)
    viewer, video, arm, clicked = expand(sums)
    fit = sm.OLS(clicked, np.eye(3)[arm]).fit()
    both, _, by_video = cov_cluster_2groups(
        fit, np.unique(viewer, return_inverse=True)[1], video - 1000, use_correction=False
    )
    got = pooled_ctr(sums)
    others = (video != one for one in np.unique(video))
    without = [sm.OLS(clicked[rest], np.eye(3)[arm[rest]]).fit().params for rest in others]
    moved = np.array(without) - fit.params
    jackknife = moved.T @ moved
    terms = dict(got.terms)
    np.testing.assert_allclose(got.means, fit.params)
    np.testing.assert_allclose(terms["videos"], jackknife, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(
        terms["viewers and videos"], both + jackknife - by_video, rtol=1e-8, atol=1e-15
    )


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_viewers_in_parts_give_what_all_at_once_give(pieces: int) -> None:
    sums = draw_sums(4, rows=3000, videos=15, sticky=False)
    whole = mean_ctr(sums, left_out=3)
    joined = mean_ctr(sums, left_out=3, pieces=pieces)
    assert joined.df.tolist() == whole.df.tolist()
    for (name, got), (_, expected) in zip(joined.terms, whole.terms, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-18, err_msg=name)


@pytest.mark.parametrize("sticky", [True, False])
def test_mctr_errors_are_those_of_statsmodels_with_a_mean_per_video_and_arm(sticky: bool) -> None:
    # Every viewer meets every video, so that each video has every arm.
    sums = draw_sums(3, rows=2500, videos=12, sticky=sticky)
    viewer, video, arm, clicked = expand(sums)
    cell = (video - 1000) * 3 + arm
    fit = sm.OLS(clicked, np.eye(36)[cell]).fit()
    both, _, by_video = cov_cluster_2groups(
        fit, np.unique(viewer, return_inverse=True)[1], video - 1000, use_correction=False
    )
    average = np.tile(np.eye(3), 12) / 12  # (K, V K): mean over videos
    got = mean_ctr(sums)
    ctr = fit.params.reshape(12, 3)
    between = np.cov(ctr, rowvar=False) / 12
    terms = dict(got.terms)
    np.testing.assert_allclose(got.means, ctr.mean(axis=0))
    np.testing.assert_allclose(average @ by_video @ average.T, 0, atol=1e-15)
    np.testing.assert_allclose(
        terms["viewers and videos"], average @ both @ average.T + between, rtol=1e-8, atol=1e-15
    )


@pytest.mark.parametrize("sticky", [True, False])
def test_errors_of_amounts_are_those_of_statsmodels(sticky: bool) -> None:
    drawn = draw_sums(3, rows=2500, videos=12, sticky=sticky)
    took_ms = np.random.default_rng(8).lognormal(9, 1.5, drawn.views.size).astype(np.int64)
    sums = replace(drawn, views=np.ones_like(drawn.views), clicks=took_ms, are_amounts=True)
    cell = (sums.video_ids - 1000) * 3 + sums.arm_index
    fit = sm.OLS(took_ms, np.eye(36)[cell]).fit()
    both, _, _ = cov_cluster_2groups(
        fit,
        np.unique(sums.viewer_ids, return_inverse=True)[1],
        sums.video_ids - 1000,
        use_correction=False,
    )
    average = np.tile(np.eye(3), 12) / 12
    means = fit.params.reshape(12, 3)
    got = estimate(sums, Unit.VIEWER).mean_ctr
    np.testing.assert_allclose(got.means, means.mean(axis=0))
    np.testing.assert_allclose(
        dict(got.terms)["viewers and videos"],
        average @ both @ average.T + np.cov(means, rowvar=False) / 12,
        rtol=1e-8,
    )


def test_splitting_a_cell_and_shuffling_rows_changes_nothing() -> None:
    sums = draw_sums(4, rows=900, videos=10)
    views, clicks = sums.views // 2, np.minimum(sums.clicks, sums.views // 2)
    order = np.random.default_rng(0).permutation(1800)
    split = replace(
        sums,
        viewer_ids=np.tile(sums.viewer_ids, 2)[order],
        video_ids=np.tile(sums.video_ids, 2)[order],
        stratum=np.tile(sums.stratum, 2)[order],
        arm_index=np.tile(sums.arm_index, 2)[order],
        views=np.concatenate([views, sums.views - views])[order],
        clicks=np.concatenate([clicks, sums.clicks - clicks])[order],
    )
    for estimator in (mean_ctr, pooled_ctr):
        for whole, parts_ in zip(compare(estimator(sums)), compare(estimator(split)), strict=True):
            assert parts_.p_value == pytest.approx(whole.p_value, rel=1e-9)


def test_videos_left_out_do_not_count() -> None:
    sums = draw_sums(5)
    first = np.unique(sums.video_ids)[:10]
    kept = sums.where(~np.isin(sums.video_ids, first))
    for estimator in (mean_ctr, pooled_ctr):
        got, alone = estimator(sums, left_out=10), estimator(kept)
        np.testing.assert_allclose(got.means, alone.means)
        np.testing.assert_allclose(got.terms[0][1], alone.terms[0][1], rtol=1e-9)


@pytest.mark.parametrize("videos", [3, 30])
def test_an_arm_that_waits_leaves_the_others_as_they_are_without_it(videos: int) -> None:
    drawn = draw_sums(6, videos=videos)
    seen = drawn.where(drawn.arm_index < 2)
    waiting = replace(seen, shares=np.array([[1.0, 1.0, 0.0]]))
    alone = replace(seen, arms=seen.arms[:2], shares=np.ones((1, 2)))
    (got,), (expected,) = (
        compare(estimate(sums, Unit.VIEWER).mean_ctr) for sums in (waiting, alone)
    )
    assert 0 < expected.p_value < 1
    assert (got.p_value, got.df, got.scope) == (expected.p_value, expected.df, expected.scope)


def test_one_viewer_is_nan_with_a_reason() -> None:
    for estimator in (mean_ctr, pooled_ctr):
        c = compare(estimator(draw_sums(6, viewers=1)))[0]
        assert np.isnan(c.p_value)
        assert c.reason == "1 viewers and 30 videos: too few for an error"


def test_no_rows_are_nan_with_a_reason() -> None:
    for estimator in (mean_ctr, pooled_ctr):
        c = compare(estimator(draw_sums(6, rows=0)))[0]
        assert np.isnan([c.p_value, c.difference.value]).all()
        assert "0 viewers and 0 videos" in c.reason


def one_video(views: tuple[int, int], clicks: tuple[int, int]) -> ViewerVideoSums:
    """Return one video seen once by each of its viewers, half of them in each arm."""
    arm = np.repeat([0, 1], views)
    clicked = np.concatenate([np.arange(n) < x for n, x in zip(views, clicks, strict=True)]).astype(
        int
    )
    rows = arm.size
    ones, zeros = np.ones(rows, int), np.zeros(rows, int)
    return ViewerVideoSums(
        np.arange(rows), zeros, zeros, arm, ones, clicked, ("raw", "gif"), np.ones((1, 2))
    )


def test_one_video_is_two_proportions() -> None:
    """172 of 3,612 against 253 of 3,668: the commonest test of a thumbnail that there is."""
    found = compare(estimate(one_video((3612, 3668), (172, 253)), Unit.VIEWER_VIDEO).mean_ctr)[0]
    low, high = confint_proportions_2indep(253, 3668, 172, 3612, compare="ratio")
    assert found.scope is Scope.THESE
    assert found.improvement.value == pytest.approx(0.448, abs=0.001)
    assert found.improvement.low == pytest.approx(low - 1, abs=0.01)
    assert found.improvement.high == pytest.approx(high - 1, abs=0.02)
    assert found.p_value == pytest.approx(proportions_ztest([253, 172], [3668, 3612])[1], rel=0.2)


def test_viewers_who_come_back_are_one_unit_and_a_permutation_agrees() -> None:
    rng = np.random.default_rng(3)
    viewers = 400
    views = rng.integers(1, 30, viewers)
    clicks = rng.binomial(views, rng.beta(1, 9, viewers))
    arm = rng.integers(0, 2, viewers)
    sums = ViewerVideoSums(
        np.arange(viewers), np.zeros(viewers, int), np.zeros(viewers, int), arm, views, clicks,
        ("raw", "gif"), np.ones((1, 2)),
    )  # fmt: skip
    found = compare(estimate(sums, Unit.VIEWER_VIDEO).mean_ctr)[0]

    def difference(dealt: IntArray) -> float:
        rates = [clicks[dealt == k].sum() / views[dealt == k].sum() for k in (0, 1)]
        return float(rates[1] - rates[0])

    redealt = np.array([difference(rng.permutation(arm)) for _ in range(4000)])
    assert found.difference.value == pytest.approx(difference(arm))
    assert found.standard_error == pytest.approx(redealt.std(), rel=0.08)
    exact = np.mean(np.abs(redealt) >= abs(difference(arm)))
    assert found.p_value == pytest.approx(exact, abs=0.03)


def test_few_videos_speak_of_themselves_and_ten_of_their_like() -> None:
    for videos, scope in ((1, Scope.THESE), (9, Scope.THESE), (10, Scope.LIKE_THESE)):
        sums = draw_sums(7, videos=videos)
        assert estimate(sums, Unit.VIEWER_VIDEO).mean_ctr.scope is scope


def test_few_videos_have_arm_intervals_from_their_viewers_on_the_log_scale() -> None:
    means = estimate(draw_sums(7, videos=5), Unit.VIEWER_VIDEO).mean_ctr
    ((_, covariance),) = means.terms
    shown = arm_estimate(means, 0, 0.95)
    relative_error = np.sqrt(covariance[0, 0]) / means.means[0]
    half = stats.t.ppf(0.975, 79) * relative_error  # 80 viewers
    assert np.log([shown.low, shown.high]) == pytest.approx(
        np.log(means.means[0]) + np.array([-half, half])
    )


def test_viewers_who_watch_much_widen_the_paired_error() -> None:
    rng = np.random.default_rng(11)
    alike = draw(Scenario(Unit.VIEWER_VIDEO, viewers=3000), rng)
    unequal = draw(
        Scenario(Unit.VIEWER_VIDEO, viewers=60, effect_spread=2.0, activity_spread=2.0), rng
    )

    def widening(sums: ViewerVideoSums) -> float:
        paired = estimate(sums, Unit.VIEWER_VIDEO, method=Method.PAIRED_BY_VIDEO).mean_ctr
        return inflation(estimate(sums, Unit.VIEWER_VIDEO).mean_ctr, paired)

    assert 1 <= widening(alike) < 1.1
    assert widening(unequal) > 1.5
    assert inflation(estimate(alike, Unit.VIEWER_VIDEO).mean_ctr.widened(4.0, 9.0), (
        estimate(alike, Unit.VIEWER_VIDEO).mean_ctr
    )) == pytest.approx(4.0)  # fmt: skip
