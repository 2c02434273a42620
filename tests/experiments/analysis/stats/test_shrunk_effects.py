"""Effects drawn towards their mean, against a textbook's figures and against truth."""

import numpy as np
import pytest

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.shrunk_effects import shrunk_effects

# Eight schools (Gelman et al., Bayesian Data Analysis, table 5.2): effects and their errors, and
# the posterior's means and s.d.s by 4,000 draws of Stan (RStan Getting Started).
EFFECTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
STAN_MEANS = (11.4, 7.9, 6.1, 7.6, 5.1, 6.1, 10.6, 8.5)
STAN_SDS = (8.3, 6.2, 7.8, 6.6, 6.3, 6.7, 6.8, 7.9)
Z = 1.959964


def test_the_eight_schools_are_those_of_the_book() -> None:
    found = shrunk_effects(EFFECTS, ERRORS)
    assert found.value == pytest.approx(STAN_MEANS, abs=0.4)
    assert (found.high - found.low) / 2 / Z == pytest.approx(STAN_SDS, abs=0.5)
    assert found.mean.value == pytest.approx(8.0, abs=0.3)
    assert (found.mean.high - found.mean.low) / 2 / Z == pytest.approx(5.0, abs=0.4)
    assert found.spread == pytest.approx(6.6, abs=0.3)


def test_limits_cover_the_truth_and_values_come_closer_to_it() -> None:
    rng = np.random.default_rng(0)
    covered, raw, drawn = [], [], []
    for _ in range(200):
        truth = rng.normal(0.03, 0.05, 40)
        errors = rng.uniform(0.02, 0.15, 40)
        seen = rng.normal(truth, errors)
        found = shrunk_effects(seen, errors)
        covered.append((found.low <= truth) & (truth <= found.high))
        raw.append((seen - truth) ** 2)
        drawn.append((found.value - truth) ** 2)
    assert 0.92 < np.mean(covered) < 0.97
    assert np.mean(drawn) < np.mean(raw) / 2


def test_equal_effects_are_all_their_mean() -> None:
    found = shrunk_effects(np.full(6, 0.1), np.full(6, 0.2))
    assert found.value == pytest.approx(np.full(6, 0.1))


def test_what_is_sure_stays_where_it_is() -> None:
    errors = np.array([1e-6, *[0.3] * 5])
    found = shrunk_effects(np.array([0.5, 0, 0.1, -0.1, 0.2, -0.2]), errors)
    assert found.value[0] == pytest.approx(0.5)


def test_few_or_impossible_ones_are_refused() -> None:
    with pytest.raises(InputError, match=r"len\(log_ratios\) == 4, must be at least 5"):
        shrunk_effects(np.zeros(4), np.ones(4))
    with pytest.raises(InputError, match="must be above 0"):
        shrunk_effects(np.zeros(5), np.array([1, 1, 0, 1, 1]))
