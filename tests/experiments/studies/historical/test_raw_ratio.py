"""Each pair's ratio by itself."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from experiments.studies.historical.raw_ratio import raw_ratio


def test_the_interval_is_walds_of_the_log_ratio() -> None:
    shown, clicked = np.array([[4071.0, 4006.0]]), np.array([[264.0, 308.0]])
    found = raw_ratio(shown, clicked, 1.0)
    low, high = confint_proportions_2indep(308, 4006, 264, 4071, compare="ratio", method="log")
    assert (found.low[0], found.high[0]) == pytest.approx((low - 1, high - 1), rel=1e-6)
    assert 100 * np.array([found.value, found.low, found.high]).ravel() == pytest.approx(
        [18.6, 1.2, 38.9], abs=0.05
    )


def test_noise_widens_the_interval_on_the_log_scale() -> None:
    shown, clicked = np.array([[4071.0, 4006.0]]), np.array([[264.0, 308.0]])
    once, twice = (raw_ratio(shown, clicked, noise) for noise in (1.0, 2.0))
    widths = [np.log1p(each.high[0]) - np.log1p(each.low[0]) for each in (once, twice)]
    assert widths[1] == pytest.approx(np.sqrt(2) * widths[0])


def test_an_arm_without_clicks_has_an_interval_that_has_width() -> None:
    """93 clicks against none: up to about -96 %, by Clopper and Pearson."""
    found = raw_ratio(np.array([[1866.0, 1872.0]]), np.array([[93.0, 0.0]]), 1.0)
    share = stats.binomtest(0, 93).proportion_ci(method="exact").high
    assert found.value[0] == -1
    assert found.low[0] == -1
    assert found.high[0] == pytest.approx(share / (1 - share) * 1866 / 1872 - 1)
    assert found.high[0] == pytest.approx(-0.96, abs=0.002)


def test_a_control_without_clicks_gives_no_ratio_and_a_lower_limit() -> None:
    found = raw_ratio(np.array([[1000.0, 1000.0]]), np.array([[0.0, 12.0]]), 1.0)
    share = stats.binomtest(12, 12).proportion_ci(method="exact").low
    assert np.isnan(found.value[0])
    assert found.low[0] == pytest.approx(share / (1 - share) - 1)
    assert found.high[0] == np.inf


def test_without_any_click_nothing_is_known() -> None:
    found = raw_ratio(np.array([[1000.0, 1000.0]]), np.array([[0.0, 0.0]]), 1.0)
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()
