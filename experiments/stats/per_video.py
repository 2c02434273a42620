"""Each video's own lift, shrunk towards what all videos say: empirical Bayes.

Given a video's clicks X in two arms, those of the arm are Binomial(X, n₁ e^θ / (n₀ + n₁ e^θ)) with
θ the log ratio of the click rates: the conditional likelihood of two Poisson rates (Przyborowski &
Wilenski 1940), in which the video's base rate has dropped out. It needs no continuity correction
and holds for videos with no clicks in an arm; for rates far from 0 it is cautious, since binomial
clicks vary less than Poisson ones. Over videos θ ~ N(μ, τ²); μ and τ maximise the marginal
likelihood (Efron & Morris 1975 is the normal case).
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from experiments.stats.records import (
    CONTROL,
    FloatArray,
    IntArray,
    Unit,
    VideoCounts,
    check_level,
)
from experiments.stats.results import Estimate

NEWTON_STEPS = 9  # to a mode; from 1 away it takes 5
NODES = 7  # of the adaptive Gauss-Hermite rule; the integrand is close to normal
GRID = 61  # points of each posterior's grid, over ± GRID_WIDTH of its s.d.
GRID_WIDTH = 6.0
SMALLEST_SPREAD = 1e-3  # τ below this is no spread: a tenth of a percent in the ratio


@dataclass(frozen=True, slots=True)
class Prior:
    """The distribution of log CTR ratios over videos.

    Attributes:
        mean: μ with its interval.
        spread: τ with its interval; its low end is 0 where the data allow no spread at all.
    """

    mean: Estimate
    spread: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class VideoLifts:
    """Posterior of each video's relative improvement of an arm over control.

    Attributes:
        video_ids: (V,).
        lift: posterior mean of e^θ - 1, (V,).
        low, high: equal-tailed credible limits of e^θ - 1, (V,).
        better: posterior probability that the arm is better, P(θ > 0), (V,).
        baseline_rate: posterior mean of the baseline's clicks per view, (V,).
        arm_rate: posterior mean of the arm's clicks per view, (V,).
        false_discovery: the expected share of wrong signs if this video and all surer ones were
            declared (the s-value of Stephens 2017), (V,).
    """

    arm: str
    baseline: str
    prior: Prior
    video_ids: IntArray
    lift: FloatArray
    low: FloatArray
    high: FloatArray
    better: FloatArray
    baseline_rate: FloatArray
    arm_rate: FloatArray
    false_discovery: FloatArray
    level: float

    def declared(self, rate: float = 0.05) -> IntArray:
        """Return the verdict on each video, (V,): +1 better, -1 worse, 0 not declared.

        At most `rate` of the declared signs are wrong in expectation.
        """
        sign = np.where(self.better > 0.5, 1, -1)
        return np.where(self.false_discovery <= rate, sign, 0)


def video_lifts(
    counts: VideoCounts,
    unit: Unit,
    arm: int,
    baseline: int = CONTROL,
    *,
    level: float = 0.95,
) -> VideoLifts:
    """Fit the prior and return every video's posterior for one arm.

    Within a video, viewers seldom recur, so that its posterior holds for any unit; μ's interval
    does not where viewers carry their arm from video to video (unit viewer) and is nan there.

    Raises:
        InputError: for a level that cannot be.
    """
    check_level(level)
    data = _Conditional.of(counts, arm, baseline)
    prior_mean, log_spread, covariance = _fit(data)
    spread = float(np.exp(log_spread))
    grid, mass = _posteriors(data, prior_mean, spread)
    below = np.cumsum(mass, axis=1) - mass / 2  # distribution function at the grid's points
    low, high = (np.expm1(_quantiles(grid, below, q)) for q in ((1 - level) / 2, (1 + level) / 2))
    better = _probability_positive(grid, below)
    baseline_rate, arm_rate = _rates(counts.views[:, [baseline, arm]], data, grid, mass)
    return VideoLifts(
        arm=counts.arms[arm],
        baseline=counts.arms[baseline],
        prior=_prior(prior_mean, log_spread, covariance, unit, level),
        video_ids=counts.video_ids,
        lift=np.sum(mass * np.expm1(grid), axis=1),
        low=low,
        high=high,
        better=better,
        baseline_rate=baseline_rate,
        arm_rate=arm_rate,
        false_discovery=s_values(np.minimum(better, 1 - better)),
        level=level,
    )


def s_values(wrong_sign: FloatArray) -> FloatArray:
    """Return, for each local false sign rate, the mean of it and all smaller ones, (V,)."""
    order = np.argsort(wrong_sign, kind="stable")
    out = np.empty_like(wrong_sign)
    out[order] = np.cumsum(wrong_sign[order]) / np.arange(1, order.size + 1)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Conditional:
    """Clicks of the arm, x, among all clicks, total, and the log ratio of views; (V,) each."""

    x: FloatArray
    total: FloatArray
    log_views: FloatArray

    @classmethod
    def of(cls, counts: VideoCounts, arm: int, baseline: int) -> "_Conditional":
        views = counts.views[:, [arm, baseline]].astype(np.float64)
        x, other = counts.clicks[:, arm], counts.clicks[:, baseline]
        # Without views in both arms the clicks say nothing of the ratio: the prior stays.
        both = np.all(views > 0, axis=1)
        log_views = np.log(np.where(both, views[:, 0], 1) / np.where(both, views[:, 1], 1))
        return cls(np.where(both, x, 0.0), np.where(both, x + other, 0.0), log_views)

    def log_likelihood(self, theta: FloatArray) -> FloatArray:
        """Return log p(x | total, θ) up to a constant; θ is (V,) or (V, M)."""
        x, total, shift = (
            (self.x, self.total, self.log_views)
            if theta.ndim == 1
            else (self.x[:, None], self.total[:, None], self.log_views[:, None])
        )
        logit = theta + shift
        # ln(1 + e^logit); the logit is bounded, so that e^logit is too.
        return np.asarray(x * logit - total * np.log1p(np.exp(np.minimum(logit, 600.0))))


def _modes(data: _Conditional, mean: float, spread: float) -> tuple[FloatArray, FloatArray]:
    """Return each posterior's mode and s.d. at the mode, (V,), by Newton's method."""
    precision = 1 / spread**2
    theta = np.full(data.x.shape, mean)
    for _ in range(NEWTON_STEPS):
        share = special.expit(theta + data.log_views)
        curvature = data.total * share * (1 - share) + precision
        step = (data.x - data.total * share - (theta - mean) * precision) / curvature
        # Damped: far from the mode the logistic is flat and a full step would overshoot.
        theta = theta + np.clip(step, -1, 1)
    share = special.expit(theta + data.log_views)
    return theta, 1 / np.sqrt(data.total * share * (1 - share) + precision)


def _objective(parameters: FloatArray, data: _Conditional) -> tuple[float, FloatArray]:
    """Return minus the log marginal likelihood of (μ, ln τ) and its gradient.

    Adaptive Gauss-Hermite quadrature around each mode; the gradient by Fisher's identity, from
    the posterior's first two moments.
    """
    mean, spread = float(parameters[0]), float(np.exp(parameters[1]))
    mode, scale = _modes(data, mean, spread)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    theta = mode[:, None] + scale[:, None] * nodes  # (V, NODES)
    z = (theta - mean) / spread
    log_terms = data.log_likelihood(theta) - z**2 / 2 + nodes**2 / 2 + np.log(weights)
    highest = log_terms[:, NODES // 2]  # the mode's own term
    posterior = np.exp(log_terms - highest[:, None])
    marginal = posterior.sum(axis=1)
    posterior /= marginal[:, None]
    value = np.sum(np.log(marginal * scale / spread) + highest)
    gradient = np.array([np.sum(posterior * z) / spread, np.sum(posterior * (z**2 - 1))])
    return -float(value), -gradient


def _fit(data: _Conditional) -> tuple[float, float, FloatArray]:
    """Return μ, ln τ and their covariance (2, 2); nan where there is no click to learn from."""
    if not np.any(data.total > 0):
        return 0.0, float(np.log(SMALLEST_SPREAD)), np.full((2, 2), np.nan)
    start = np.array([_pooled_log_ratio(data), np.log(0.2)])
    floor = float(np.log(SMALLEST_SPREAD))
    found = optimize.minimize(
        _objective,
        start,
        args=(data,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-6.0, 6.0), (floor, 1.5)],
        options={"ftol": 1e-10, "gtol": 1e-3},
    )
    return float(found.x[0]), float(found.x[1]), _covariance(found.x, data)


def _pooled_log_ratio(data: _Conditional) -> float:
    """Return a first guess of μ: the log ratio of all clicks, less that of the views."""
    clicks = (data.x.sum() + 0.5) / (data.total.sum() - data.x.sum() + 0.5)
    return float(np.log(clicks) - np.average(data.log_views, weights=data.total))


def _covariance(parameters: FloatArray, data: _Conditional) -> FloatArray:
    """Return the inverse observed information of (μ, ln τ), from differences of the gradient.

    With τ at its floor there is no information on it: its entries are nan, μ's is its own.
    """
    step = 1e-4
    hessian = np.array(
        [
            (_objective(parameters + e, data)[1] - _objective(parameters - e, data)[1]) / (2 * step)
            for e in step * np.eye(2)
        ]
    )
    if parameters[1] <= np.log(SMALLEST_SPREAD) + step or not hessian[1, 1] > 0:
        return np.array([[1 / hessian[0, 0], np.nan], [np.nan, np.nan]])
    return np.asarray(np.linalg.inv((hessian + hessian.T) / 2))


def _prior(
    mean: float, log_spread: float, covariance: FloatArray, unit: Unit, level: float
) -> Prior:
    z = float(stats.norm.isf((1 - level) / 2))
    errors = np.sqrt(np.diag(covariance))
    return Prior(
        _prior_mean(mean, z * float(errors[0]), unit, level),
        _prior_spread(log_spread, z * float(errors[1]), level),
    )


def _prior_mean(mean: float, half: float, unit: Unit, level: float) -> Estimate:
    if np.isnan(half):
        return Estimate(np.nan, np.nan, np.nan, level, "no clicks: there is no lift to learn")
    if unit is Unit.VIEWER:
        why = "assignment by viewer: videos are not independent; see the two-way comparison"
        return Estimate(mean, np.nan, np.nan, level, why)
    return Estimate(mean, mean - half, mean + half, level)


def _prior_spread(log_spread: float, half: float, level: float) -> Estimate:
    spread = float(np.exp(log_spread))
    if np.isnan(half):
        why = "the lifts differ by no more than chance: the spread has no limits to give"
        return Estimate(spread, np.nan, np.nan, level, why)
    return Estimate(spread, float(spread * np.exp(-half)), float(spread * np.exp(half)), level)


def _posteriors(data: _Conditional, mean: float, spread: float) -> tuple[FloatArray, FloatArray]:
    """Return each posterior on a grid of its own: points and masses, (V, GRID) each."""
    mode, scale = _modes(data, mean, spread)
    grid = mode[:, None] + scale[:, None] * np.linspace(-GRID_WIDTH, GRID_WIDTH, GRID)
    log_density = data.log_likelihood(grid) - ((grid - mean) / spread) ** 2 / 2
    mass = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return grid, mass / mass.sum(axis=1, keepdims=True)


def _rates(
    views: IntArray, data: _Conditional, grid: FloatArray, mass: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the posterior mean click rates of baseline and arm, (V,) each.

    Given θ a video's clicks are Poisson with exposure n₀ + n₁ e^θ; its base rate is
    Gamma(shape, rate) over videos, by moments.
    """
    ratio = np.exp(grid)
    exposure = views[:, :1] + views[:, 1:] * ratio  # (V, GRID)
    clicks = data.total
    shape, rate = _base_prior(clicks, np.sum(mass * exposure, axis=1))
    base = mass * (clicks + shape)[:, None] / (exposure + rate)
    return base.sum(axis=1), np.sum(base * ratio, axis=1)


def _base_prior(clicks: FloatArray, exposure: FloatArray) -> tuple[float, float]:
    """Return shape and rate of the Gamma distribution of base rates over videos, by moments."""
    seen = exposure > 0
    if not clicks.any():
        return 0.0, 1.0
    mean = float(clicks.sum() / exposure.sum())
    rates = clicks[seen] / exposure[seen]
    noise = np.mean(mean / exposure[seen])
    between = max(float(np.mean((rates - mean) ** 2) - noise), 1e-4 * mean**2)
    return mean**2 / between, mean / between


def _probability_positive(grid: FloatArray, below: FloatArray) -> FloatArray:
    """Return P(θ > 0), (V,): the distribution function read off between the grid's points."""
    place = -grid[:, 0] / (grid[:, 1] - grid[:, 0])
    left = np.clip(np.floor(place).astype(np.int64), 0, GRID - 2)
    rows = np.arange(grid.shape[0])
    within = np.clip(place - left, 0, 1)
    cdf = below[rows, left] * (1 - within) + below[rows, left + 1] * within
    cdf = np.where(place < 0, 0.0, np.where(place > GRID - 1, 1.0, cdf))
    return 1 - cdf


def _quantiles(grid: FloatArray, below: FloatArray, q: float) -> FloatArray:
    right = np.clip((below < q).sum(axis=1), 1, GRID - 1)
    rows = np.arange(grid.shape[0])
    lower, upper = below[rows, right - 1], below[rows, right]
    within = (q - lower) / (upper - lower)
    return np.asarray(grid[rows, right - 1] * (1 - within) + grid[rows, right] * within)
