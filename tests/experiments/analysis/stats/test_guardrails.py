import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from experiments.analysis.stats.errors import DesignError, InputError
from experiments.analysis.stats.guardrails import non_inferiority, ratio_means
from experiments.analysis.stats.records import VideoCounts, VideoRatios
from experiments.unit import Unit

from .cast import ARMS, draw_counts


def bytes_per_view(seed: int, factors: tuple[float, ...] = (1.0, 1.02, 1.4)) -> VideoRatios:
    counts = draw_counts(seed)
    rng = np.random.default_rng(seed)
    size = rng.gamma(20, 1500.5, (60, 1)) * rng.normal(1, 0.05, (60, 3)) * np.array(factors)
    return VideoRatios(counts.video_ids, counts.arms, size * counts.views, counts.views)


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("margin", [0.05, 0.3])
def test_agrees_with_the_one_sided_paired_test_of_statsmodels(higher: bool, margin: float) -> None:
    metric = bytes_per_view(1)
    got = non_inferiority(ratio_means(metric, Unit.VIEWER_VIDEO), margin, higher_is_better=higher)
    limit = 1 - margin if higher else 1 + margin
    for k, result in enumerate(got, start=1):
        d = DescrStatsW(metric.ratios[:, k] - limit * metric.ratios[:, 0])
        p_value = d.ttest_mean(0, alternative="larger" if higher else "smaller")[1]
        assert result.p_value == pytest.approx(p_value, rel=1e-6)
        assert result.holds == (p_value < 0.025)
        good = result.change.low > -margin if higher else result.change.high < margin
        assert result.holds == good


def test_a_broken_guardrail_is_also_worse() -> None:
    fine, broken = non_inferiority(
        ratio_means(bytes_per_view(1), Unit.VIEWER_VIDEO), 0.1, higher_is_better=False
    )
    assert fine.holds
    assert broken.worse
    assert not broken.holds


def test_counted_metrics_need_enough_events() -> None:
    counts = draw_counts(1)
    failures = np.zeros_like(counts.views)
    failures[:5] = 1
    metric = VideoRatios(counts.video_ids, ARMS, failures.astype(float), counts.views)
    got = non_inferiority(ratio_means(metric, Unit.IMPRESSION), 0.1, higher_is_better=False)[0]
    assert "5 events expected in arm" in got.reason
    assert np.isnan(got.p_value)
    assert not got.holds
    assert not got.worse


def test_thin_videos_do_not_count() -> None:
    counts = draw_counts(1)
    threshold = int(np.median(counts.views))
    means = ratio_means(counts.as_ratios(), Unit.VIEWER_VIDEO, min_count=threshold)
    assert 0 < means.videos[0] < 60


def test_assigned_videos_are_compared_between() -> None:
    counts = draw_counts(1, videos=90)
    own = np.arange(90)[:, None] % 3 == np.arange(3)
    split = VideoCounts(counts.video_ids, ARMS, counts.views * own, counts.clicks * own)
    means = ratio_means(split.as_ratios(), Unit.VIDEO)
    assert means.videos.tolist() == [30, 30, 30]


def test_refuses_what_cannot_be() -> None:
    metric = bytes_per_view(1)
    with pytest.raises(DesignError, match="sums by viewer and video"):
        ratio_means(metric, Unit.VIEWER)
    means = ratio_means(metric, Unit.IMPRESSION)
    with pytest.raises(InputError, match="margin == 5, must be between 0 and 1"):
        non_inferiority(means, 5, higher_is_better=True)
