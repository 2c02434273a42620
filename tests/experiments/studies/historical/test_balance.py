"""Sample ratios of tests and weeks."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats import chisquare

from experiments.analysis.stats.records import IntArray
from experiments.studies.historical.balance import ratios_by_test, ratios_by_week
from experiments.studies.historical.records import Archive
from tests.experiments.studies.historical.made_up import Truth, draw


def arms_of(archive: Archive, test: int) -> IntArray:
    return np.asarray(archive.impressions[archive.test == test])


def test_each_test_has_the_chi_square_of_scipy() -> None:
    archive, _ = draw(Truth(tests=40, broken=(20, 40)), seed=1)
    ratios = ratios_by_test(archive)
    for test in range(archive.count):
        expected = stats.chisquare(arms_of(archive, test))
        assert ratios.statistic[test] == pytest.approx(expected.statistic)
        assert ratios.p_values[test] == pytest.approx(expected.pvalue)
    adjusted = stats.false_discovery_control(ratios.p_values)
    assert ratios.adjusted == pytest.approx(adjusted)


def test_weights_are_promises() -> None:
    archive = Archive(
        ("a",), np.array(["NaT"], "datetime64[D]"), np.zeros(3, np.int64), ("x", "y", "z"),
        np.array([90, 5, 5]), np.zeros(3, np.int64), np.array([9.0, 0.5, 0.5]), np.full(3, -1),
    )  # fmt: skip
    assert ratios_by_test(archive).statistic[0] == pytest.approx(0)


def test_weeks_add_the_chi_squares_of_their_tests_up() -> None:
    archive, _ = draw(Truth(tests=60, weeks=5), seed=2)
    by_test = ratios_by_test(archive)
    weeks, place = np.unique(archive.weeks(), return_inverse=True)
    by_week = ratios_by_week(by_test, place, len(weeks))
    of_two_arms = np.bincount(archive.test) == 2
    week = int(place[of_two_arms][0])
    tests = [arms_of(archive, test) for test in np.flatnonzero(place == week).tolist()]
    assert by_week.statistic[week] == pytest.approx(sum(chisquare(arms)[0] for arms in tests))
    assert by_week.df[week] == sum(len(arms) - 1 for arms in tests)


def test_a_test_too_small_to_check_is_not_checked() -> None:
    archive = Archive(
        ("a", "b"), np.array(["2014-01-06"] * 2, "datetime64[D]"), np.array([0, 0, 1, 1]),
        ("x", "y", "x", "y"), np.array([4, 5, 0, 0]), np.zeros(4, np.int64), np.ones(4),
        np.full(4, -1),
    )  # fmt: skip
    ratios = ratios_by_test(archive)
    assert not ratios.checked.any()
    assert not ratios.mismatched.any()
    assert not ratios_by_week(ratios, np.zeros(2, np.int64), 1).checked.any()


def test_few_fair_tests_are_called_mismatched() -> None:
    """At a false discovery rate of 1 % an archive of fair tests has any alarm one time in 100."""
    alarms = sum(
        ratios_by_test(draw(Truth(tests=100), seed)[0]).mismatched.any() for seed in range(200)
    )
    assert alarms <= stats.binom.isf(0.001, 200, 0.01)
