import numpy as np
import pytest
from scipy.stats import ttest_1samp
from statsmodels.stats.multitest import multipletests

from thumbnailer.training.intervals import compare, holm, mean_interval


def test_the_interval_is_that_of_the_mean() -> None:
    """Of many videos, the percentiles of the bootstrap are those of the normal distribution."""
    values = np.random.default_rng(3).gamma(2.0, size=2000)
    half = 1.96 * values.std() / np.sqrt(len(values))
    found = mean_interval(values)
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.05 * half
    )


def test_the_interval_of_few_leans_as_they_do() -> None:
    """All 4^4 resamples of 0, 0, 0, 1 are known: their mean is binomial(4, 1/4) / 4."""
    found = mean_interval(np.array([0.0, 0.0, 0.0, 1.0]))
    assert (found.mean, found.low, found.high) == (0.25, 0.0, 0.75)


def test_seeds_that_differ_widen_the_interval() -> None:
    """Two seeds' means are 0 and 1 for every video: resamples of both are binomial(2, 1/2) / 2."""
    found = mean_interval(np.repeat([[0.0], [1.0]], 50, axis=1))
    assert (found.mean, found.low, found.high) == (0.5, 0.0, 1.0)
    same = mean_interval(np.tile(np.arange(50.0), (2, 1)))
    assert same.high - same.low == pytest.approx(
        np.ptp([mean_interval(np.arange(50.0)).low, mean_interval(np.arange(50.0)).high]), abs=0.5
    )


def test_of_one_video_no_interval_is_known() -> None:
    found = mean_interval(np.array([2.0]))
    assert found.mean == 2
    assert np.isnan([found.low, found.high]).all()


def test_a_video_without_a_figure_leaves_none_of_all() -> None:
    found = mean_interval(np.array([2.0, np.nan, 1.0]))
    assert np.isnan([found.mean, found.low, found.high]).all()


def test_a_shift_of_every_video_is_seen_however_much_videos_differ() -> None:
    rng = np.random.default_rng(0)
    right = rng.normal(scale=5.0, size=50)
    found = compare(right + 0.2 + rng.normal(scale=0.1, size=50), right)
    assert 0.1 < found.difference.low < found.difference.mean < found.difference.high < 0.3
    assert found.p_value < 1e-3


def test_the_p_value_is_that_of_students_t_where_videos_are_many() -> None:
    rng = np.random.default_rng(1)
    for shift in (0.0, 0.03, 0.1):
        difference = rng.normal(shift, size=1000)
        wanted = ttest_1samp(difference, 0.0).pvalue
        assert compare(difference, np.zeros(1000)).p_value == pytest.approx(wanted, abs=0.02)


def test_what_seeds_disagree_on_is_not_outside_chance() -> None:
    """Every video gains 1 by one seed and nothing by the other: a quarter of resamples say 0."""
    gains = np.repeat([[0.0], [1.0]], 50, axis=1)
    assert compare(gains, np.zeros((1, 50))).p_value == pytest.approx(0.5, abs=0.02)


def test_a_row_against_itself_has_no_p_value() -> None:
    values = np.random.default_rng(0).normal(size=50)
    found = compare(values, values)
    assert (found.difference.mean, found.difference.low, found.difference.high) == (0, 0, 0)
    assert np.isnan(found.p_value)


def test_a_row_of_one_seed_is_compared_to_each_seed_of_the_other() -> None:
    left, right = np.array([[1.0, 2.0, 4.0], [3.0, 4.0, 6.0]]), np.array([[0.0, 1.0, 3.0]])
    assert compare(left, right).difference.mean == pytest.approx(2.0)


def test_holms_p_values_are_those_of_statsmodels() -> None:
    p_values = np.random.default_rng(0).random(20) ** 4
    assert holm(list(p_values)) == pytest.approx(multipletests(p_values, method="holm")[1])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    corrected = holm([0.01, float("nan"), 0.02])
    assert corrected[0] == pytest.approx(0.02)
    assert np.isnan(corrected[1])
    assert corrected[2] == pytest.approx(0.02)
