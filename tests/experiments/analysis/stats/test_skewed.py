import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.analysis.stats.skewed import SHAPE_KNOWN, df_of_weights, limits, tails


@given(skewness=st.floats(-1, 1), critical=st.floats(0.5, 4))
def test_limits_are_where_halls_polynomial_meets_the_quantile(
    skewness: float, critical: float
) -> None:
    """Hall (1992): T + k T² / 3 + k² T³ / 27 + k / 6 is nearly symmetric, k the skewness of T."""
    low, high = limits(5.0, 0.1, critical, skewness)
    assert low < high
    for limit, quantile in ((low, critical), (high, -critical)):
        t = (5.0 - limit) / 0.1
        shown = t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6
        assert shown == pytest.approx(quantile, abs=1e-4)


def test_a_mean_without_skewness_has_symmetric_limits() -> None:
    assert limits(5.0, 0.1, 2.0, 0.0) == pytest.approx((4.8, 5.2))


def test_shape_is_that_of_scipy() -> None:
    values = np.random.default_rng(0).lognormal(0, 1, (40, 2))
    found = tails((values - values.mean(axis=0)) / 40)
    assert found.skewness == pytest.approx(stats.skew(values, bias=False) / np.sqrt(40))
    assert found.df == pytest.approx(80 / (stats.kurtosis(values, fisher=False) - 1))


def test_few_videos_do_not_tell_their_shape() -> None:
    scores = np.random.default_rng(0).normal(size=(SHAPE_KNOWN, 2))
    scores[0, 1] = 0  # does not count in the second column
    found = tails(scores)
    assert np.isnan(found.skewness).tolist() == [False, True]
    assert np.isinf(found.df).tolist() == [False, True]


def test_videos_that_do_not_vary_have_no_shape() -> None:
    found = tails(np.zeros((20, 1)))
    assert np.isnan(found.skewness).all()
    assert np.isinf(found.df).all()


@given(seed=st.integers(0, 1000), videos=st.integers(2, 12))
def test_degrees_of_freedom_are_those_of_the_residuals_written_out(seed: int, videos: int) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(videos))
    residuals = np.eye(videos) - weights  # row v: value v less the weighted mean
    pulled = (weights / (1 - weights))[:, None] * residuals
    matrix = pulled @ pulled.T
    expected = np.trace(matrix) ** 2 / np.trace(matrix @ matrix)  # Bell & McCaffrey (2002)
    assert df_of_weights(weights[:, None]) == pytest.approx(expected, rel=1e-3)


def test_equal_weights_have_the_degrees_of_freedom_of_their_number() -> None:
    assert df_of_weights(np.full((50, 2), 1 / 50)) == pytest.approx(49)
    assert df_of_weights(np.ones((1, 1))) == 0
    nearly_one = np.array([0.9, *np.full(50, 0.002)])[:, None]
    assert 1 < df_of_weights(nearly_one)[0] < 1.1
