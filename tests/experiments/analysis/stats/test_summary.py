import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.skewed import limits
from experiments.analysis.stats.summary import summarise
from experiments.unit import Unit

from .cast import counts_of, draw_counts


def test_means_and_their_intervals_are_those_of_statsmodels() -> None:
    counts = draw_counts(2)
    for k, arm in enumerate(summarise(estimate(counts, Unit.VIEWER_VIDEO))):
        for got, values in (
            (arm.mean_views, counts.views[:, k]),
            (arm.mean_clicks, counts.clicks[:, k]),
            (arm.mean_ctr, counts.ctr[:, k]),
        ):
            oracle = DescrStatsW(values.astype(float))
            assert got.value == pytest.approx(oracle.mean)
            skewness = stats.skew(values, bias=False) / np.sqrt(60)
            df = min(59, 2 * 60 / (stats.kurtosis(values, fisher=False) - 1))
            critical = stats.t.ppf(0.975, df)
            low, high = limits(oracle.mean, oracle.std_mean, critical, skewness)
            assert [got.low, got.high] == pytest.approx([low, high])
        assert arm.videos == 60
        assert arm.views == counts.views[:, k].sum()
        assert arm.clicks == counts.clicks[:, k].sum()


def test_pooled_ctr_has_the_bootstraps_error_over_videos() -> None:
    counts = draw_counts(2, videos=300)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 300, (3000, 300))
    pooled = counts.clicks[rows].sum(axis=1) / counts.views[rows].sum(axis=1)  # (3000, K)
    for k, arm in enumerate(summarise(estimate(counts, Unit.VIEWER_VIDEO))):
        assert arm.pooled_ctr.value == counts.clicks[:, k].sum() / counts.views[:, k].sum()
        expected = np.quantile(pooled[:, k], [0.025, 0.975])
        assert [arm.pooled_ctr.low, arm.pooled_ctr.high] == pytest.approx(expected, rel=0.02)


def test_the_mean_over_few_videos_has_a_t_interval_on_the_log_scale() -> None:
    counts = draw_counts(2, videos=9)
    for k, arm in enumerate(summarise(estimate(counts, Unit.VIEWER_VIDEO))):
        oracle = DescrStatsW(counts.ctr[:, k])
        half = (oracle.tconfint_mean()[1] - oracle.mean) / oracle.mean
        assert np.log([arm.mean_ctr.low, arm.mean_ctr.high]) == pytest.approx(
            np.log(oracle.mean) + np.array([-half, half])
        )


def test_a_video_that_makes_most_views_leaves_pooled_ctr_without_an_interval() -> None:
    counts = draw_counts(2, videos=40)
    views, clicks = counts.views.copy(), counts.clicks.copy()
    views[0], clicks[0] = 30 * views[0], 30 * clicks[0]  # four in ten of all views
    found = estimate(counts_of(views, clicks), Unit.VIEWER_VIDEO)
    arm = summarise(found)[0]
    assert arm.pooled_ctr.value == clicks[:, 0].sum() / views[:, 0].sum()
    assert np.isnan(arm.pooled_ctr.low)
    assert arm.pooled_ctr.reason.startswith("a few videos make most of the views: together they")
    assert compare(found.pooled_ctr)[0].reason == arm.pooled_ctr.reason
    assert not arm.mean_ctr.reason


def test_mctr_is_not_pooled_ctr() -> None:
    counts = counts_of([[1000, 1000], [100, 100]], [[100, 100], [50, 50]])
    arm = summarise(estimate(counts, Unit.VIEWER_VIDEO))[0]
    assert arm.mean_ctr.value == pytest.approx(0.3)
    assert arm.pooled_ctr.value == pytest.approx(150 / 1100)
    assert 0 < arm.mean_ctr.low < 0.3
    assert arm.mean_ctr.high == 1


def test_assigned_videos_are_summarised_in_their_own_arm() -> None:
    counts = counts_of([[10, 0], [20, 0], [0, 10], [0, 30]], [[1, 0], [4, 0], [0, 2], [0, 3]])
    raw, other = summarise(estimate(counts, Unit.VIDEO))
    assert (raw.videos, other.videos, raw.views, other.views) == (2, 2, 30, 40)
    assert raw.mean_views.value == 15
    assert raw.mean_ctr.value == other.mean_ctr.value == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("videos", "min_views", "why"),
    [(5, 10**6, "no video counts"), (1, 1, "one video: no spread between videos")],
)
def test_what_is_undefined_is_nan_with_its_reason(videos: int, min_views: int, why: str) -> None:
    counts = draw_counts(1, videos=videos)
    arm = summarise(estimate(counts, Unit.VIEWER_VIDEO, min_views=min_views))[0]
    assert arm.mean_views.reason == arm.mean_ctr.reason == why
    assert np.isnan([arm.mean_views.low, arm.mean_ctr.low, arm.pooled_ctr.low]).all()
    assert arm.pooled_ctr.reason == "fewer than two videos"


@pytest.mark.parametrize("clicks", [0, 50])
def test_no_or_only_clicks_have_no_interval(clicks: int) -> None:
    counts = counts_of(np.full((3, 2), 50), np.full((3, 2), clicks))
    arm = summarise(estimate(counts, Unit.VIEWER_VIDEO))[1]
    assert arm.mean_ctr.value == arm.pooled_ctr.value == clicks / 50
    assert np.isnan([arm.mean_ctr.low, arm.pooled_ctr.high, arm.mean_views.low]).all()
    why = "0 events expected in arm 'seq2seq'" if clicks == 0 else "the same in every video"
    assert arm.mean_ctr.reason.startswith(why)


def test_mean_clicks_of_too_few_clicks_have_no_interval() -> None:
    counts = draw_counts(3, videos=50, views=20.0, ctr=0.01)
    arms = summarise(estimate(counts, Unit.VIEWER_VIDEO))
    assert max(arm.clicks for arm in arms) < 20
    for arm in arms:
        assert arm.mean_clicks.value == pytest.approx(arm.clicks / 50)
        assert np.isnan(arm.mean_clicks.low)
        assert "too few for an honest error" in arm.mean_clicks.reason
        assert arm.mean_views.low > 0
