import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.spending import Spending, bounds, crossing_probability, spent

FIFTHS = [0.2, 0.4, 0.6, 0.8, 1.0]

# Two-sided bounds, alpha 0.05, five equal looks. The first are those of gsDesign's sfLDOF and of
# the R package RTSA, as public test suites quote them; the second are quoted likewise. The integral
# below computes both another way.
PUBLISHED = {
    Spending.OBRIEN_FLEMING_TWO_SIDED: [4.877, 3.357, 2.680, 2.290, 2.031],
    Spending.POCOCK_LIKE: [2.438, 2.427, 2.410, 2.397, 2.386],
}

# Rejection rate in % of a true null that is looked at L times with |z| > 1.96: Armitage, McPherson
# & Rowe (1969), table 2, as public validations of such recursions quote it.
ARMITAGE_1969 = {1: 5.0, 2: 8.3, 3: 10.7, 4: 12.6, 5: 14.2, 10: 19.3, 20: 24.8, 50: 32.0}


def crossed_by_integral(
    information: list[float], critical: list[float], drift: float = 0.0
) -> float:
    """Another way to the probability that |Z| crosses: an L-dimensional normal integral (Genz)."""
    times = np.array(information) / information[-1]
    correlation = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    walk = stats.multivariate_normal(
        drift * np.sqrt(times), correlation, seed=1, abseps=1e-6, maxpts=1_000_000
    )
    edges = np.array(critical)
    return 1 - float(walk.cdf(edges, lower_limit=-edges))


@pytest.mark.parametrize(("spending", "published"), PUBLISHED.items())
def test_bounds_are_those_published(spending: Spending, published: list[float]) -> None:
    got = bounds(FIFTHS, [spent(spending, t, 0.05) for t in FIFTHS])
    np.testing.assert_allclose(got, published, atol=6e-4)


@pytest.mark.parametrize("spending", Spending)
def test_each_look_spends_its_alpha_by_a_normal_integral(spending: Spending) -> None:
    by_then = [spent(spending, t, 0.05) for t in FIFTHS]
    critical = bounds(FIFTHS, by_then).tolist()
    for looks in (2, 3, 5):
        found = crossed_by_integral(FIFTHS[:looks], critical[:looks])
        assert found == pytest.approx(by_then[looks - 1], abs=5e-6)


@pytest.mark.parametrize(("looks", "percent"), ARMITAGE_1969.items())
def test_repeated_looks_reject_as_armitage_found(looks: int, percent: float) -> None:
    rate = crossing_probability(range(1, looks + 1), [stats.norm.ppf(0.975)] * looks)
    assert 100 * rate == pytest.approx(percent, abs=0.06)


# Pocock's and O'Brien & Fleming's tests for five looks, alpha 0.05: their constants, 2.413 and
# 2.040 (4.562 3.226 2.634 2.281 2.040), and the inflation of information for power 0.9 (Jennison &
# Turnbull 2000, tables 2.1 to 2.4). The integral stands beside, for the constants and the power.
CLASSICAL = [([2.413] * 5, 1.207), ([2.040 * (5 / k) ** 0.5 for k in range(1, 6)], 1.026)]


@pytest.mark.parametrize(("critical", "inflation"), CLASSICAL)
def test_classical_tests_have_their_level_and_power(
    critical: list[float], inflation: float
) -> None:
    drift = (stats.norm.ppf(0.975) + stats.norm.ppf(0.9)) * np.sqrt(inflation)
    for crossed in (crossing_probability, crossed_by_integral):
        assert crossed(FIFTHS, critical) == pytest.approx(0.05, abs=1e-4)
        assert crossed(FIFTHS, critical, drift) == pytest.approx(0.9, abs=5e-4)
    level = crossed_by_integral(FIFTHS, critical)
    assert crossing_probability(FIFTHS, critical) == pytest.approx(level, abs=5e-6)


@pytest.mark.parametrize("spending", Spending)
@pytest.mark.parametrize("looks", [1, 3, 28])
def test_all_of_alpha_is_spent_and_no_more(spending: Spending, looks: int) -> None:
    times = np.linspace(0, 1, looks + 1)[1:].tolist()
    criticals = bounds(times, [spent(spending, t, 0.05) for t in times])
    assert crossing_probability(times, criticals.tolist()) == pytest.approx(0.05, rel=1e-5)


def test_unequal_looks_reject_as_simulated_walks_do() -> None:
    times = [0.1, 0.13, 0.5, 1.0]
    criticals = bounds(times, [spent(Spending.POCOCK_LIKE, t, 0.05) for t in times])
    rng = np.random.default_rng(3)
    steps = rng.standard_normal((400_000, 4)) * np.sqrt(np.diff(times, prepend=0))
    for drift, tolerance in ((0.0, 0.0012), (2.5, 0.0025)):
        z = (steps.cumsum(axis=1) + drift * np.array(times)) / np.sqrt(times)
        simulated = np.mean((np.abs(z) > criticals).any(axis=1))
        got = crossing_probability(times, criticals.tolist(), drift)
        assert got == pytest.approx(simulated, abs=tolerance)


def test_the_two_obrien_fleming_like_functions_differ_and_are_named() -> None:
    two_sided = spent(Spending.OBRIEN_FLEMING_TWO_SIDED, 0.5, 0.05)
    common = spent(Spending.OBRIEN_FLEMING_COMMON, 0.5, 0.05)
    assert two_sided == pytest.approx(4 * stats.norm.sf(stats.norm.isf(0.0125) / np.sqrt(0.5)))
    assert common == pytest.approx(2 * stats.norm.sf(stats.norm.isf(0.025) / np.sqrt(0.5)))
    assert two_sided < common


@pytest.mark.parametrize("spending", Spending)
def test_spending_runs_from_nothing_to_alpha(spending: Spending) -> None:
    assert spent(spending, 0.0, 0.05) == 0
    assert spent(spending, float("nan"), 0.05) == 0
    assert spent(spending, 1.0, 0.05) == pytest.approx(0.05)
    assert spent(spending, 1.7, 0.05) == pytest.approx(0.05)
    grid = [spent(spending, t, 0.05) for t in np.linspace(0.05, 1, 20)]
    assert np.all(np.diff(grid) > 0)


def test_a_look_with_nothing_to_spend_has_no_bound() -> None:
    times = [0.01, 1.0]
    criticals = bounds(times, [spent(Spending.OBRIEN_FLEMING_TWO_SIDED, t, 0.05) for t in times])
    assert np.isinf(criticals[0])
    assert criticals[1] == pytest.approx(stats.norm.ppf(0.975), abs=1e-6)
