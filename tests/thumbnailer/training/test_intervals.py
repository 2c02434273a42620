import numpy as np
import pytest

from thumbnailer.training.intervals import compare, mean_interval


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
    assert found.p_value < 1e-6


def test_a_row_against_itself_has_no_p_value() -> None:
    values = np.random.default_rng(0).normal(size=50)
    found = compare(values, values)
    assert (found.difference.mean, found.difference.low, found.difference.high) == (0, 0, 0)
    assert np.isnan(found.p_value)
