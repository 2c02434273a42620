"""Effects drawn towards their mean, against an integral over all unknowns and against truth."""

import numpy as np
import pytest
import scipy

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.shrunk_effects import shrunk_effects

# The effects and errors of the eight schools (Rubin 1981): far from one another, and little known.
EFFECTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def integrated(effects: FloatArray, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the means and s.d.s of all θ, then μ and τ, by the trapezoidal rule over μ and τ.

    From the likelihood of the data alone, y_i ~ N(μ, s_i² + τ²), and each θ's normal given both,
    in the form of precisions; nothing is integrated by hand.
    """
    mu = np.linspace(-250, 300, 701)[:, None]
    tau = np.concatenate([np.linspace(0.01, 60, 400), np.linspace(60.5, 620, 250)])
    log_density = sum(
        scipy.stats.norm.logpdf(y, mu, np.hypot(s, tau))
        for y, s in zip(effects, errors, strict=True)
    )
    density = np.exp(log_density - np.max(log_density))

    def mean_of(values: FloatArray) -> float:
        inner = np.trapezoid(density * values, mu[:, 0], axis=0)
        return float(np.trapezoid(inner, tau) / whole)

    whole = np.trapezoid(np.trapezoid(density, mu[:, 0], axis=0), tau)
    means, squares = [], []
    for y, s in zip(effects, errors, strict=True):
        precision = s**-2 + tau**-2
        middle = (y * s**-2 + mu * tau**-2) / precision
        means.append(mean_of(middle))
        squares.append(mean_of(middle**2 + 1 / precision))
    for values in (mu + 0 * tau, tau + 0 * mu):
        means.append(mean_of(values))
        squares.append(mean_of(values**2))
    return np.array(means), np.sqrt(np.array(squares) - np.array(means) ** 2)


def test_means_and_limits_are_those_of_the_integral_over_all_unknowns() -> None:
    means, deviations = integrated(EFFECTS, ERRORS)
    found = shrunk_effects(EFFECTS, ERRORS)
    z = scipy.stats.norm.ppf(0.975)
    assert found.value == pytest.approx(means[:8], abs=0.02)
    assert (found.high - found.low) / 2 / z == pytest.approx(deviations[:8], abs=0.02)
    assert found.mean.value == pytest.approx(means[8], abs=0.02)
    assert (found.mean.high - found.mean.low) / 2 / z == pytest.approx(deviations[8], abs=0.05)
    assert found.spread == pytest.approx(means[9], abs=0.02)


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
