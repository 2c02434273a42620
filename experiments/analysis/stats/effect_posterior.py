"""The posterior of each video's log ratio, given a prior and the video's own clicks."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.effect_prior import NEGLIGIBLE, EffectPrior
from experiments.analysis.stats.log_ratio_grid import NARROWEST, Likelihood
from experiments.analysis.stats.records import FloatArray

NEWTON_STEPS = 9  # to a mode; from 1 away it takes 5
POINTS = 61  # of each posterior's grid, over ± WIDTH of its s.d.
WIDTH = 5.5
WIDER = 2.0  # times the prior's spread that a grid is made for, so that heavy tails are on it


@dataclass(frozen=True, slots=True, eq=False)
class EffectPosterior:
    """Posteriors of the log ratio θ in V videos.

    Attributes:
        theta: points evenly apart, (V, N).
        mass: chance of the cell around each point, (V, N).
        zero: chance that the effect is nothing, (V,); with the masses of a video it sums to 1.
    """

    theta: FloatArray
    mass: FloatArray
    zero: FloatArray

    @property
    def better(self) -> FloatArray:
        """P(θ > 0), (V,)."""
        below, mass, rows = self._below(), self.mass, np.arange(len(self.theta))
        place = -self.theta[:, 0] / self._step()
        left = np.clip(np.floor(place).astype(np.int64), 0, POINTS - 2)
        t, right = place - left, left + 1
        # Between two points by Hermite's cubic, whose slopes are the masses.
        cubic = (1 + 2 * t) * (1 - t) ** 2 * below[rows, left] + t**2 * (3 - 2 * t) * below[
            rows, right
        ]
        cubic += t * (1 - t) ** 2 * mass[rows, left] - t**2 * (1 - t) * mass[rows, right]
        under = np.where(place < 0, 0.0, np.where(place > POINTS - 1, 1 - self.zero, cubic))
        return np.asarray(np.clip(1 - self.zero - under, 0, 1))

    @property
    def worse(self) -> FloatArray:
        """P(θ < 0), (V,)."""
        return np.asarray(np.maximum(1 - self.zero - self.better, 0))

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean of a function of θ, given at the points, (V, N), and nothing at 0."""
        return np.asarray(np.sum(self.mass * values, axis=1))

    def quantile(self, q: float) -> FloatArray:
        """Return the value that θ is below with chance q, (V,); needs posteriors without zeros."""
        below, rows = self._below(), np.arange(len(self.theta))
        right = np.clip((below < q).sum(axis=1), 1, POINTS - 1)
        lower, upper = below[rows, right - 1], below[rows, right]
        within = (q - lower) / np.maximum(upper - lower, 1e-300)
        return np.asarray(self.theta[rows, right - 1] + np.clip(within, 0, 1) * self._step())

    def _below(self) -> FloatArray:
        """Return the chance below each point, (V, N), by the trapezoid rule, its end corrected."""
        slope = np.zeros(self.mass.shape)
        slope[:, 1:-1] = (self.mass[:, 2:] - self.mass[:, :-2]) / 2
        return np.asarray(np.cumsum(self.mass, axis=1) - self.mass / 2 - slope / 12)

    def _step(self) -> FloatArray:
        return np.asarray(self.theta[:, 1] - self.theta[:, 0])


def posterior(
    pairs: ClickPairs, likelihoods: list[Likelihood], prior: EffectPrior
) -> EffectPosterior:
    """Combine clicks with a prior whose own parameters are uncertain.

    With w the weights of the prior's lattice and p(x | h) a video's likelihood at its points h,
    the posterior of a video learnt from is Σ w p(x | θ) p(θ | h) / p(x | h), for w has seen its
    clicks; that of another is in proportion to Σ w p(x | θ) p(θ | h).

    Args:
        pairs: V videos.
        likelihoods: theirs, one for each slope of the prior.
        prior: learnt from these videos or others.
    """
    theta = _points(pairs, prior)
    highest = pairs.highest_log_likelihood[:, None]
    own = np.exp(pairs.log_likelihood(theta) - highest)
    own_at_zero = np.exp(pairs.log_likelihood(np.zeros(1)) - highest)[:, 0]
    weights = np.where(prior.weights < NEGLIGIBLE * prior.weights.max(), 0, prior.weights)
    density, zero = np.zeros(theta.shape), np.zeros(len(theta))
    for slope, likelihood, of_slope in zip(prior.slopes, likelihoods, weights, strict=True):
        on_grid, at_zero = _predictive(pairs, likelihood, prior, of_slope)
        shifted = theta - slope * pairs.log_rate[:, None]
        density += prior.grid.interpolated(on_grid, shifted)
        zero += at_zero
    mass = own * density * (theta[:, [1]] - theta[:, [0]])
    zero *= own_at_zero
    total = mass.sum(axis=1) + zero
    return EffectPosterior(theta, mass / total[:, None], zero / total)


def _points(pairs: ClickPairs, prior: EffectPrior) -> FloatArray:
    """Return points around each posterior's mode under one wide normal prior, (V, POINTS)."""
    weights = prior.mean_and_spread_weights
    finest = NARROWEST * prior.grid.weights.min()
    spread = WIDER * max(float(prior.spread[weights > NEGLIGIBLE].max()), finest)
    expected = float(weights @ prior.mean) + prior.slope * pairs.log_rate
    theta, exposure = expected.copy(), pairs.exposure
    for _ in range(NEWTON_STEPS):
        share = 1 / (1 + 1 / (exposure * np.exp(theta)))
        curvature = pairs.clicks * share * (1 - share) + spread**-2
        slope = pairs.arm_clicks - pairs.clicks * share - (theta - expected) * spread**-2
        # Damped: far from the mode the slope is flat and a full step would overshoot.
        theta = theta + np.clip(slope / curvature, -1, 1)
    deviation = 1 / np.sqrt(curvature)
    return np.asarray(theta[:, None] + deviation[:, None] * np.linspace(-WIDTH, WIDTH, POINTS))


def _predictive(
    pairs: ClickPairs, likelihood: Likelihood, prior: EffectPrior, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return Σ w p(θ | h) / p(x | h) at one slope: densities on the grid (V, G), and at 0 (V,)."""
    used = np.flatnonzero(weights.any(axis=1))
    slabs, weights = prior.slabs[:, used], weights[used]
    of_slab = likelihood.on_grid @ slabs  # (V, used)
    nothing = likelihood.at_zero[:, None]
    by_slab, at_zero = np.zeros(of_slab.shape), np.zeros(len(of_slab))
    for chance, of_chance in zip(prior.zero, weights.T, strict=True):
        marginal = (1 - chance) * of_slab + chance * nothing
        share = of_chance / np.where(pairs.learnt[:, None], np.maximum(marginal, 1e-300), 1.0)
        by_slab += (1 - chance) * share
        at_zero += chance * share.sum(axis=1)
    return by_slab @ (slabs.T / prior.grid.weights), at_zero
