"""Windows of broken weeks: found where planted, and seldom elsewhere."""

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import FloatArray, IntArray
from experiments.studies.historical import windows
from experiments.studies.historical.balance import ratios_by_test
from experiments.studies.historical.windows import Window, find_windows
from tests.experiments.studies.historical.made_up import FIRST_DAY, Truth, draw


def scan(truth: Truth, seed: int, **options: float) -> tuple[Window, ...]:
    archive, _ = draw(truth, seed)
    return find_windows(archive.weeks(), ratios_by_test(archive).p_values, **options)  # type: ignore[arg-type]


def week_of(place: int) -> int:
    return (int((FIRST_DAY + place * 7).astype(np.int64)) + 3) // 7


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_window_is_found_without_being_told(seed: int) -> None:
    (window,) = scan(Truth(broken=(22, 33)), seed)
    assert abs(window.first - week_of(22)) <= 1
    assert abs(window.last - week_of(33)) <= 1
    assert window.p_value == 0.001
    assert window.tests == pytest.approx(120, abs=40)


def test_two_windows_are_told_apart() -> None:
    first, _ = draw(Truth(broken=(10, 15)), seed=4)
    rng = np.random.default_rng(4)
    p_values = ratios_by_test(first).p_values.copy()
    week = first.weeks() - week_of(0)
    again = (week >= 40) & (week <= 47)
    p_values[again] = 10.0 ** -rng.uniform(2, 30, again.sum())
    found = find_windows(week, p_values)
    assert [(w.first, w.last) for w in found] == [(10, 15), (40, 47)]


def test_clean_archives_seldom_have_a_window() -> None:
    """The false-positive rate by simulation: at a nominal 5 %, within what chance allows."""
    rounds = 300
    rng = np.random.default_rng(8)
    false = 0
    for seed in range(rounds):
        week = np.sort(rng.integers(0, 40, 250))
        found = find_windows(week, rng.random(250), rate=0.05, permutations=99, seed=seed)
        false += bool(found)
    assert false <= stats.binom.isf(0.001, rounds, 0.05)
    assert false >= stats.binom.ppf(0.001, rounds, 0.05)  # nor is it idle


def test_a_background_of_mismatched_tests_makes_no_window() -> None:
    """Mismatches spread evenly over time are bad, but no window."""
    rng = np.random.default_rng(9)
    false = 0
    for seed in range(100):
        week = np.sort(rng.integers(0, 40, 250))
        p_values = np.where(rng.random(250) < 0.2, 0.0, rng.random(250))
        found = find_windows(week, p_values, rate=0.05, permutations=99, seed=seed)
        false += bool(found)
    assert false <= stats.binom.isf(0.001, 100, 0.05)


def brute_force(week: IntArray, p_values: FloatArray) -> tuple[float, tuple[int, int]]:
    """Return the largest T of all windows by looping over them."""
    scores = stats.norm.ppf((stats.rankdata(-p_values) - 0.5) / len(week))
    best = (-np.inf, (0, 0))
    weeks = np.unique(week)
    for i, start in enumerate(weeks):
        for end in weeks[i:]:
            inside = (week >= start) & (week <= end)
            n, total = inside.sum(), len(week)
            if n > total / 2:
                continue
            error = np.sqrt(np.var(scores) * n * (total - n) / total)
            found = (scores[inside].sum() - n * scores.mean()) / error
            best = max(best, (float(found), (int(start), int(end))))
    return best


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_statistic_is_that_of_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    week = rng.integers(0, 9, 60) * 3  # weeks without tests between
    p_values = rng.random(60)
    order = np.argsort(week, kind="stable")
    grid = windows._Grid.of(week[order], np.zeros(0, np.int64))
    scores = stats.norm.ppf((stats.rankdata(-p_values) - 0.5) / 60)
    largest, (start, end) = grid.largest(scores[order])
    expected, places = brute_force(week, p_values)
    assert largest == pytest.approx(expected)
    assert (grid.weeks[start], grid.weeks[end]) == places


def test_no_window_bridges_weeks_taken_out() -> None:
    grid = windows._Grid.of(np.array([1, 2, 5, 6, 7, 8]), np.array([3, 4]))
    allowed = {(int(grid.weeks[i]), int(grid.weeks[j - 1])) for i, j in np.argwhere(grid.scale > 0)}
    assert (1, 2) in allowed
    assert (5, 7) in allowed
    assert not [pair for pair in allowed if pair[0] <= 2 and pair[1] >= 5]


def test_few_tests_and_equal_tests_have_no_window() -> None:
    assert find_windows(np.array([3]), np.array([0.0])) == ()
    assert find_windows(np.array([3, 4, 5]), np.zeros(3)) == ()


def test_a_rate_out_of_reach_is_refused() -> None:
    with pytest.raises(InputError, match="permutations == 19, must be at least 99"):
        find_windows(np.arange(3), np.arange(3) / 4, permutations=19)
