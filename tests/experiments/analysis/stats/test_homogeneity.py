import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.homogeneity import dispersion, dispersion_to_use, homogeneity
from experiments.analysis.stats.records import IntArray


def groups(seed: int, noise: float, count: int = 2000) -> tuple[IntArray, IntArray, IntArray]:
    """Groups of two or three arms of one click rate, their clicks `noise` times a binomial's."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(count), rng.integers(2, 4, count))
    rate = rng.gamma(4, 0.0125, count)[group]
    views = rng.poisson(3000, len(group))
    if noise > 1:
        sure = (views - noise) / (noise - 1)
        rate = rng.beta(rate * sure, (1 - rate) * sure)
    return group, views, rng.binomial(views, rate)


def test_each_group_has_the_chi_square_of_scipy() -> None:
    group, views, clicks = groups(1, 1.0, count=20)
    found = homogeneity(group, views, clicks)
    for number in range(20):
        of = group == number
        table = np.stack([clicks[of], views[of] - clicks[of]])
        expected = stats.chi2_contingency(table, correction=False)
        assert found.statistic[number] == pytest.approx(expected.statistic)
        assert found.df[number] == expected.dof
    assert found.p_values == pytest.approx(stats.chi2.sf(found.statistic, found.df))


@pytest.mark.parametrize("noise", [1.0, 1.5, 2.0])
def test_the_noise_is_found_with_its_interval(noise: float) -> None:
    found = dispersion(homogeneity(*groups(5, noise)))
    assert found.low < noise < found.high
    assert found.high - found.low < 0.3
    assert dispersion_to_use(found) == pytest.approx(noise, abs=0.1)


def test_the_interval_of_the_noise_covers_as_it_says() -> None:
    missed = 0
    for seed in range(200):
        found = dispersion(homogeneity(*groups(seed, 1.5, count=100)))
        missed += not found.low <= 1.5 <= found.high
    assert missed <= stats.binom.isf(0.001, 200, 0.07)


def test_groups_with_too_few_clicks_are_left_out() -> None:
    group = np.array([0, 0, 1, 1])
    found = homogeneity(group, np.array([100, 100, 1000, 1000]), np.array([2, 3, 50, 60]))
    assert found.too_few == 1
    assert len(found.p_values) == 1


def test_too_few_comparisons_leave_the_noise_unknown() -> None:
    found = dispersion(homogeneity(*groups(3, 1.5, count=10)))
    assert np.isnan(found.value)
    assert "at least 20 are needed" in found.reason
    assert dispersion_to_use(found) == 1


def test_noise_below_a_binomials_is_not_made_use_of() -> None:
    group = np.repeat(np.arange(30), 2)
    found = dispersion(homogeneity(group, np.full(60, 1000), np.full(60, 50)))
    assert found.value == 0
    assert dispersion_to_use(found) == 1
