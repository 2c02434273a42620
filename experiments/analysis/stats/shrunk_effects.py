"""Effects of several experiments, each drawn towards what all of them say.

The experiments' log ratios y with errors s are taken as drawn around one mean,

    y_i ~ N(θ_i, s_i²),   θ_i ~ N(μ, τ²),

with flat priors on μ and τ. The posterior is that of Gelman et al., Bayesian Data Analysis, 3rd
ed., section 5.4: exact given τ, and averaged over τ, whose posterior is computed on a grid. So the
limits also hold what is uncertain about τ, which few experiments tell badly.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import LEVEL, FloatArray
from experiments.analysis.stats.results import Estimate

FEWEST = 5  # experiments: with fewer their spread is a guess
STEPS = 2000  # of the grid of τ
WIDEST = 20.0  # times as far as the effects are apart, that τ may be


@dataclass(frozen=True, slots=True, eq=False)
class ShrunkEffects:
    """Log ratios of N experiments.

    Attributes:
        mean: μ, of all experiments like these.
        spread: posterior mean of τ, of how much true effects differ from one another.
        value, low, high: of each experiment, (N,).
    """

    mean: Estimate
    spread: float
    value: FloatArray
    low: FloatArray
    high: FloatArray


def shrunk_effects(
    log_ratios: FloatArray, errors: FloatArray, level: float = LEVEL
) -> ShrunkEffects:
    """Draw each effect towards the mean of all.

    Args:
        log_ratios: (N,), of at least FEWEST experiments.
        errors: standard errors, (N,), each above 0.
        level: of the limits.

    Raises:
        InputError: for fewer experiments, or an error that is not above 0.
    """
    if len(log_ratios) < FEWEST:
        raise InputError(f"len(log_ratios) == {len(log_ratios)}, must be at least {FEWEST}")
    if not (errors > 0).all():
        raise InputError(f"errors == {errors}, must be above 0")
    tau = np.linspace(0, WIDEST * max(np.ptp(log_ratios), errors.min() / WIDEST), STEPS)[:, None]
    variance = errors**2 + tau**2  # (T, N)
    of_mean = 1 / (1 / variance).sum(axis=1)  # (T,)
    mean = of_mean * (log_ratios / variance).sum(axis=1)
    off = (log_ratios - mean[:, None]) ** 2 / variance
    log_weight = (np.log(of_mean) - (np.log(variance) + off).sum(axis=1)) / 2
    weight = np.exp(log_weight - log_weight.max())
    weight[0] /= 2  # the trapezoidal rule: τ is never below 0
    weight /= weight.sum()
    drawn = errors**2 / variance
    values = drawn * mean[:, None] + (1 - drawn) * log_ratios
    variances = (1 - drawn) * errors**2 + drawn**2 * of_mean[:, None]
    value, reach = _mixed(weight, values, variances, level)
    middle, half = _mixed(weight, mean[:, None], of_mean[:, None], level)
    return ShrunkEffects(
        mean=Estimate(
            float(middle[0]), float(middle[0] - half[0]), float(middle[0] + half[0]), level
        ),
        spread=float(weight @ tau[:, 0]),
        value=value,
        low=value - reach,
        high=value + reach,
    )


def _mixed(
    weight: FloatArray, means: FloatArray, variances: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return the mean of a mixture of normals, and how far its limits reach, (N,) each."""
    mean = weight @ means
    variance = weight @ (variances + (means - mean) ** 2)
    return mean, float(scipy.stats.norm.ppf((1 + level) / 2)) * np.sqrt(variance)
