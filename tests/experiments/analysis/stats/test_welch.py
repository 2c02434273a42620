import numpy as np
import pytest
from statsmodels.stats.weightstats import ttest_ind

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.welch import between_means

from .cast import ARMS, MANY, draw_counts


def one_arm_each(seed: int = 3, videos: int = 90) -> FloatArray:
    counts = draw_counts(seed, videos=videos)
    assigned = np.random.default_rng(seed).integers(0, 3, videos)
    return np.where(assigned[:, None] == np.arange(3), counts.ctr, np.nan)


def test_agrees_with_welchs_test_of_statsmodels() -> None:
    ratios = one_arm_each()
    samples = [column[~np.isnan(column)] for column in ratios.T]
    for k, c in enumerate(compare(between_means(ARMS, ratios, MANY)), start=1):
        oracle = ttest_ind(samples[k], samples[0], usevar="unequal")
        assert (c.statistic, c.p_value, c.df) == pytest.approx(oracle, rel=1e-9)


def test_a_thin_arm_is_nan_and_leaves_the_others_alone() -> None:
    ratios = one_arm_each()
    ratios[np.flatnonzero(~np.isnan(ratios[:, 2]))[1:], 2] = np.nan
    first, thin = compare(between_means(ARMS, ratios, MANY))
    assert thin.reason == "fewer than two videos in ['gevaden']"
    assert np.isnan(thin.p_value)
    alone = compare(between_means(ARMS[:2], ratios[:, :2], MANY))[0]
    assert (first.p_value, first.p_value_adjusted) == (alone.p_value, alone.p_value)


def test_an_empty_arm_is_nan() -> None:
    ratios = one_arm_each()
    ratios[:, 2] = np.nan
    assert np.isnan(compare(between_means(ARMS, ratios, MANY))[1].difference.value)
