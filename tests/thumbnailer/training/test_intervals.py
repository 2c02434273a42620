import numpy as np
import pytest
from scipy.stats import bootstrap

from thumbnailer.training.intervals import compare, mean_interval


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(3).gamma(2.0, size=50)
    wanted = bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    found = mean_interval(values)
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=0.02)


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
