import numpy as np
import pytest
from scipy.stats import combine_pvalues
from statsmodels.stats.gof import chisquare

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.srm import combined, srm

ARMS = ("raw", "seq2seq", "gevaden")


def test_agrees_with_the_chi_square_of_statsmodels() -> None:
    units = np.array([1000, 1100, 950])
    check = srm(ARMS, units, [1, 1, 1])
    oracle = chisquare(units, np.full(3, units.sum() / 3))
    assert (check.statistic, check.p_value) == pytest.approx(oracle[:2])
    assert check.df == 2
    assert check.expected == pytest.approx((units.sum() / 3,) * 3)


def test_a_broken_split_is_an_alarm_and_a_fair_one_is_not() -> None:
    assert srm(ARMS, [10_000, 10_600, 10_000], [1, 1, 1]).alarm
    assert not srm(ARMS, [10_000, 10_060, 9_990], [1, 1, 1]).alarm


def test_only_arms_with_weight_count_and_traffic_in_the_others_is_its_own_alarm() -> None:
    check = srm(ARMS, [500, 505, 3], [0.5, 0.5, 0])
    assert check.df == 1
    assert check.expected == pytest.approx((502.5, 502.5, 0))
    assert not check.mismatch
    assert check.forbidden == (0, 0, 3)
    assert check.alarm


def test_a_legal_change_of_weights_is_no_mismatch() -> None:
    check = combined(
        [srm(ARMS, [9000, 500, 500], [0.9, 0.05, 0.05]), srm(ARMS, [3333, 3334, 3333], [1, 1, 1])]
    )
    assert check.df == 4
    assert check.p_value > 0.99
    assert sum(check.observed) == pytest.approx(sum(check.expected))


def test_opposite_mismatches_do_not_cancel() -> None:
    equal = [1, 1, 1]
    phases = [srm(ARMS, [3600, 3000, 3000], equal), srm(ARMS, [2700, 3300, 3300], equal)]
    assert combined(phases).mismatch
    assert not srm(ARMS, [6300, 6300, 6300], equal).mismatch


@pytest.mark.parametrize("weights", [[1, 1, 1], [1, 0, 0]])
def test_nothing_to_check_is_nan_with_a_reason(weights: list[float]) -> None:
    check = srm(ARMS, [0, 0, 0], weights)
    assert np.isnan(check.p_value)
    assert "no units yet" in check.reason
    assert not check.alarm


@pytest.mark.parametrize(
    ("units", "weights", "message"),
    [
        ([1, 2, 3], [0, 0, 0], "must not all be 0"),
        ([1, 2, 3], [1, -1, 1], "weights has -1"),
        ([1, 2, -3], [1, 1, 1], "units has -3"),
        ([1, 2], [1, 1], r"units.shape == \(2,\), must be \(3,\)"),
    ],
)
def test_refuses_what_cannot_be(units: list[int], weights: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        srm(ARMS, units, weights)


def test_checks_of_phases_are_combined_by_fishers_method() -> None:
    phases = [srm(ARMS, [500, 560, 480], [1, 1, 1]), srm(ARMS, [300, 120, 160], [2, 1, 1])]
    both = combined(phases)
    oracle = combine_pvalues([phase.p_value for phase in phases], method="fisher")
    assert (both.statistic, both.p_value) == pytest.approx(tuple(oracle))
    assert both.observed == (800, 680, 640)
    assert both.expected == pytest.approx(np.sum([phase.expected for phase in phases], axis=0))
    assert combined(phases[:1]).p_value == pytest.approx(phases[0].p_value)


def test_a_phase_without_units_adds_nothing_and_strays_stay_an_alarm() -> None:
    empty = srm(ARMS, [0, 0, 0], [1, 1, 1])
    phase = srm(ARMS, [500, 505, 3], [1, 1, 0])
    assert combined([empty, phase]).p_value == pytest.approx(phase.p_value)
    assert combined([empty, phase]).forbidden == (0, 0, 3)
    assert combined([empty, phase]).alarm
    for nothing in (combined([empty]), combined([empty, empty])):
        assert np.isnan([nothing.statistic, nothing.p_value]).all()
        assert (nothing.df, nothing.reason) == (0, empty.reason)
    with pytest.raises(InputError, match="at least one"):
        combined([])
