"""What Table 3 implies, by hand."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from experiments.paper import TABLE_3
from experiments.studies.pilot_note.paper_means import equal_split, implied

ROWS = tuple(TABLE_3.values())


def test_the_second_line_does_not_follow_and_the_third_does() -> None:
    _, second, third = implied(ROWS)
    assert second.improvement == pytest.approx(0.2)
    assert (second.lowest, second.highest) == pytest.approx((0.198, 0.202), abs=5e-4)
    assert not second.agrees
    assert third.agrees


def test_a_mean_of_ratios_is_not_the_ratio_of_means() -> None:
    first, second, third = implied(ROWS)
    assert first.ratio_of_means == pytest.approx(0.05357, abs=1e-5)
    assert second.ratio_of_means == pytest.approx(0.06143, abs=1e-5)
    assert second.pooled_improvement == pytest.approx(221.4 * 3547 / (3603.8 * 190) - 1)
    assert second.covariance == pytest.approx(221.4 - 3603.8 * 0.0636)
    assert second.covariance_high < third.covariance_low < third.covariance_high
    assert third.covariance_high < first.covariance_low


rounding = st.floats(-1, 1)


@given(rounding, rounding, rounding, rounding)
def test_no_figures_that_round_so_are_beyond_the_limits(
    views: float, clicks: float, ctr: float, base: float
) -> None:
    _, found, _ = implied(ROWS)
    true_ctr, true_base = 0.0636 + ctr * 0.00005, 0.0530 + base * 0.00005
    assert found.lowest - 1e-12 <= true_ctr / true_base - 1 <= found.highest + 1e-12
    covariance = 221.4 + clicks * 0.05 - (3603.8 + views * 0.05) * true_ctr
    assert found.covariance_low - 1e-3 <= covariance <= found.covariance_high + 1e-3


def test_equal_shares_by_impression_would_not_split_so() -> None:
    found = equal_split(TABLE_3, 9814)
    assert sum(found.observed) == 105_520_128
    mean = sum(found.observed) / 3
    expected = sum((count - mean) ** 2 / mean for count in found.observed)
    assert found.statistic == pytest.approx(expected)
