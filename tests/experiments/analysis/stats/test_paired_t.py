import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.paired_t import paired_means

from .cast import ARMS, MANY, draw_counts


def test_agrees_with_the_paired_t_test_of_statsmodels() -> None:
    counts = draw_counts(1)
    for c in compare(paired_means(ARMS, counts.ctr, MANY), level=0.9):
        d = counts.ctr[:, ARMS.index(c.arm)] - counts.ctr[:, ARMS.index(c.baseline)]
        oracle = DescrStatsW(d)
        statistic, p_value, df = oracle.ttest_mean(0)
        assert (c.statistic, c.p_value, c.df) == pytest.approx((statistic, p_value, df), rel=1e-9)
        assert (c.difference.low, c.difference.high) == pytest.approx(
            oracle.tconfint_mean(alpha=0.1), rel=1e-9
        )
        assert c.videos == 60


@pytest.mark.parametrize(("videos", "why"), [(0, "no video counts"), (1, "one video")])
def test_too_few_videos_are_nan_with_a_reason(videos: int, why: str) -> None:
    counts = draw_counts(1, videos=videos)
    for c in compare(paired_means(ARMS, counts.ctr, MANY)):
        assert np.isnan([c.p_value, c.p_value_adjusted, c.p_value_holm, c.difference.low]).all()
        assert c.reason.startswith(why)
        assert not c.significant


@pytest.mark.parametrize("late", [0, 1, 2])
def test_an_arm_on_few_videos_leaves_the_others_their_degrees_of_freedom(late: int) -> None:
    ratios = draw_counts(1).ctr
    ratios[late:, 2] = np.nan
    c, _ = compare(paired_means(ARMS, ratios, MANY))
    _, p_value, df = DescrStatsW(ratios[:, 1] - ratios[:, 0]).ttest_mean(0)
    assert (c.p_value, c.df) == pytest.approx((p_value, df))
