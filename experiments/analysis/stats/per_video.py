"""Each video's own lift, shrunk towards what all videos say: empirical Bayes.

A video's clicks are Poisson: x₀ with mean n₀ λ in the baseline, x₁ with mean n₁ λ e^θ in the arm,
θ the log ratio of the click rates. Over videos λ ~ Gamma(shape, rate) and θ ~ N(μ, τ²); the four
parameters maximise the marginal likelihood (empirical Bayes; Efron & Morris 1975 is the normal
case). With λ integrated out a video's log-likelihood of θ is, with X = x₀ + x₁,

    lnΓ(X + shape) - lnΓ(shape) + shape ln rate + x₁ θ - (X + shape) ln(rate + n₀ + n₁ e^θ).

It needs no continuity correction and holds for videos with no clicks in an arm. Dropping λ by
conditioning on X instead would not do: X tells of θ, and μ would come out wrong.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special, stats

from experiments.analysis.stats.records import (
    CONTROL,
    LEVEL,
    BoolArray,
    FloatArray,
    IntArray,
    VideoCounts,
    check_level,
)
from experiments.analysis.stats.results import Estimate
from experiments.unit import Unit

NEWTON_STEPS = 9  # to a mode; from 1 away it takes 5
NODES = 7  # of the adaptive Gauss-Hermite rule; the integrand is close to normal
GRID = 61  # points of each posterior's grid, over ± GRID_WIDTH of its s.d.
GRID_WIDTH = 5.5
NARROWEST = 1 / 6  # of the widest prior that a grid has to hold
PRIOR_CLICKS = 4.0  # what all videos together count for in the rate of one
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
    level: float = LEVEL,
    learn_from: BoolArray | None = None,
) -> VideoLifts:
    """Fit the prior and return every video's posterior for one arm.

    Within a video, viewers seldom recur, so that its posterior holds for any unit; μ's interval
    does not where viewers carry their arm from video to video (unit viewer) and is nan there.

    Args:
        counts: of every video that is to have a posterior.
        unit: what was randomised.
        arm: column of the arm.
        baseline: column of the baseline.
        level: of the intervals.
        learn_from: videos that the prior is fitted to, (V,); by default all. For videos that are
            not independent of one another, one of each bunch.

    Raises:
        InputError: for a level that cannot be.
    """
    check_level(level)
    data = _Clicks.of(counts, arm, baseline)
    model, covariance = _fit(data if learn_from is None else data.where(learn_from))
    grid, mass = _posteriors(data, model, covariance)
    below = np.cumsum(mass, axis=1) - mass / 2  # distribution function at the grid's points
    low, high = (np.expm1(_quantiles(grid, below, q)) for q in ((1 - level) / 2, (1 + level) / 2))
    better = _probability_positive(grid, below)
    baseline_rate, arm_rate = _rates(data, model, grid, mass)
    return VideoLifts(
        arm=counts.arms[arm],
        baseline=counts.arms[baseline],
        prior=_prior(model, covariance, unit, level),
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
class _Clicks:
    """Clicks and views of baseline (0) and arm (1), (V,) each; all 0 where an arm has no views.

    Both are over 1 - p, p the video's rate: so scaled, binomial clicks have a Poisson's variance
    (quasi-likelihood, Wedderburn 1974). Unscaled, the spread of lifts would come out too small.
    """

    x0: FloatArray
    x1: FloatArray
    n0: FloatArray
    n1: FloatArray

    @classmethod
    def of(cls, counts: VideoCounts, arm: int, baseline: int) -> "_Clicks":
        # Without views in both arms a video says nothing of the ratio: the prior stays.
        both = (counts.views[:, arm] > 0) & (counts.views[:, baseline] > 0)
        views = np.where(both[:, None], counts.views[:, [baseline, arm]], 0)
        clicks = np.where(both[:, None], counts.clicks[:, [baseline, arm]], 0)
        scale = 1 / (1 - _shrunk_rates(views.sum(axis=1), clicks.sum(axis=1)))
        return cls(*(clicks * scale[:, None]).T, *(views * scale[:, None]).T)

    def where(self, keep: BoolArray) -> "_Clicks":
        return _Clicks(self.x0[keep], self.x1[keep], self.n0[keep], self.n1[keep])


@dataclass(frozen=True, slots=True)
class _Model:
    """The distributions over videos: θ ~ N(mean, spread²), λ ~ Gamma(shape, rate)."""

    mean: float
    spread: float
    shape: float
    rate: float

    @classmethod
    def of(cls, parameters: FloatArray) -> "_Model":
        """Return the model of (μ, ln τ, ln shape, ln rate)."""
        mean, *logs = parameters.tolist()
        return cls(mean, *np.exp(logs).tolist())

    def log_likelihood(self, data: _Clicks, theta: FloatArray) -> FloatArray:
        """Return what of a video's log-likelihood depends on θ; θ and the result are (V, M)."""
        clicks = data.x0 + data.x1 + self.shape
        exposure = (data.n0 + self.rate)[:, None] + data.n1[:, None] * np.exp(theta)
        return np.asarray(data.x1[:, None] * theta - clicks[:, None] * np.log(exposure))

    def modes(self, data: _Clicks) -> tuple[FloatArray, FloatArray]:
        """Return each posterior's mode and s.d. at the mode, (V,), by Newton's method."""
        clicks, base, precision = (
            data.x0 + data.x1 + self.shape,
            data.n0 + self.rate,
            self.spread**-2,
        )
        theta = np.full(data.x1.shape, self.mean)
        for _ in range(NEWTON_STEPS):
            arm = data.n1 * np.exp(theta)
            share = arm / (base + arm)
            curvature = clicks * share * (1 - share) + precision
            step = (data.x1 - clicks * share - (theta - self.mean) * precision) / curvature
            # Damped: far from the mode the slope is flat and a full step would overshoot.
            theta = theta + np.clip(step, -1, 1)
        arm = data.n1 * np.exp(theta)
        share = arm / (base + arm)
        return theta, 1 / np.sqrt(clicks * share * (1 - share) + precision)


def _objective(parameters: FloatArray, data: _Clicks) -> tuple[float, FloatArray]:
    """Return minus the log marginal likelihood of (μ, ln τ, ln shape, ln rate), and its gradient.

    Adaptive Gauss-Hermite quadrature around each mode; the gradient by Fisher's identity, as
    posterior means of the complete-data gradient.
    """
    m = _Model.of(parameters)
    mode, scale = m.modes(data)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    theta = mode[:, None] + scale[:, None] * nodes  # (V, NODES)
    z = (theta - m.mean) / m.spread
    log_terms = m.log_likelihood(data, theta) - z**2 / 2 + nodes**2 / 2 + np.log(weights)
    highest = log_terms[:, NODES // 2]  # the mode's own term
    posterior = np.exp(log_terms - highest[:, None])
    marginal = posterior.sum(axis=1)
    posterior /= marginal[:, None]
    clicks = data.x0 + data.x1
    gamma = special.gammaln(clicks + m.shape) - special.gammaln(m.shape)
    gamma += m.shape * np.log(m.rate)
    value = np.sum(np.log(marginal * scale / m.spread) + highest + gamma)
    exposure = (data.n0 + m.rate)[:, None] + data.n1[:, None] * np.exp(theta)
    by_shape = special.digamma(clicks + m.shape) - special.digamma(m.shape) + np.log(m.rate)
    by_shape -= np.sum(posterior * np.log(exposure), axis=1)
    by_rate = m.shape / m.rate - (clicks + m.shape) * np.sum(posterior / exposure, axis=1)
    gradient = [
        np.sum(posterior * z) / m.spread,
        np.sum(posterior * (z**2 - 1)),
        m.shape * np.sum(by_shape),
        m.rate * np.sum(by_rate),
    ]
    return -float(value), -np.array(gradient)


def _objective_of_variance(parameters: FloatArray, data: _Clicks) -> tuple[float, FloatArray]:
    """Return the same per video, with τ² in place of ln τ.

    In τ² the slope does not vanish as τ goes to 0, so that a search cannot get stuck there.
    """
    variance = parameters[1]
    inner = np.array([parameters[0], np.log(variance) / 2, *parameters[2:]])
    value, gradient = _objective(inner, data)
    per_video = 1 / data.x0.size
    gradient[1] /= 2 * variance
    return value * per_video, gradient * per_video


def _fit(data: _Clicks) -> tuple[_Model, FloatArray]:
    """Return the model and the covariance of (μ, τ²), nan where nothing can be learnt."""
    if not np.any(data.x0 + data.x1 > 0):
        return _Model(0.0, SMALLEST_SPREAD, 1.0, 1.0), np.full((2, 2), np.nan)
    found = optimize.minimize(
        _objective_of_variance,
        np.array([_pooled_log_ratio(data), 0.04, *_base_start(data)]),
        args=(data,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-6.0, 6.0), (SMALLEST_SPREAD**2, 20.0), (-5.0, 12.0), (-5.0, 20.0)],
        options={"ftol": 1e-12, "gtol": 1e-6},
    )
    at = np.array([found.x[0], np.log(found.x[1]) / 2, *found.x[2:]])
    return _Model.of(at), _covariance(found.x, data)


def _shrunk_rates(views: IntArray, clicks: IntArray) -> FloatArray:
    """Return each video's rate, (V,), drawn to that of all by PRIOR_CLICKS, and below 1."""
    overall = min((clicks.sum() + 0.5) / (views.sum() + 1), 0.5)
    return np.asarray((clicks + PRIOR_CLICKS) / (views + PRIOR_CLICKS / overall))


def _pooled_log_ratio(data: _Clicks) -> float:
    """Return a first guess of μ: the log ratio of all clicks, less that of the views."""
    rates = (data.x1.sum() + 0.5) / data.n1.sum(), (data.x0.sum() + 0.5) / data.n0.sum()
    return float(np.log(rates[0] / rates[1]))


def _base_start(data: _Clicks) -> tuple[float, float]:
    """Return a first guess of (ln shape, ln rate), by moments of the baseline's rates."""
    seen = data.n0 > 0
    views, clicks = data.n0[seen], data.x0[seen]
    mean = float((clicks.sum() + 0.5) / views.sum())
    noise = np.mean(mean / views)
    between = max(float(np.mean((clicks / views - mean) ** 2) - noise), 0.01 * mean**2)
    return float(np.log(mean**2 / between)), float(np.log(mean / between))


def _covariance(parameters: FloatArray, data: _Clicks) -> FloatArray:
    """Return the covariance of (μ, τ²): inverse observed information of all four parameters.

    Args:
        parameters: (μ, τ², ln shape, ln rate) at the maximum.
        data: the clicks.
    """
    steps = np.diag([1e-4, 0.02 * parameters[1] + 1e-5, 1e-4, 1e-4])
    # At its floor τ² has room above it only.
    centre = parameters + np.array([0.0, max(steps[1, 1] - parameters[1], 0.0) + 1e-9, 0.0, 0.0])
    hessian = np.array(
        [
            (_slope(centre + step, data) - _slope(centre - step, data)) / (2 * step.sum())
            for step in steps
        ]
    )
    inverse = np.linalg.pinv((hessian + hessian.T) / 2)[:2, :2]
    return np.where(np.diag(inverse) > 0, inverse, np.nan)


def _slope(parameters: FloatArray, data: _Clicks) -> FloatArray:
    return _objective_of_variance(parameters, data)[1] * data.x0.size


def _prior(model: _Model, covariance: FloatArray, unit: Unit, level: float) -> Prior:
    z = float(stats.norm.isf((1 - level) / 2))
    errors = np.sqrt(np.diag(covariance))
    return Prior(
        _prior_mean(model.mean, z * float(errors[0]), unit, level),
        _prior_spread(model.spread, z * float(errors[1]), level),
    )


def _prior_mean(mean: float, half: float, unit: Unit, level: float) -> Estimate:
    if np.isnan(half):
        return Estimate(np.nan, np.nan, np.nan, level, "no clicks: there is no lift to learn")
    if unit is Unit.VIEWER:
        why = "assignment by viewer: videos are not independent; see the two-way comparison"
        return Estimate(mean, np.nan, np.nan, level, why)
    return Estimate(mean, mean - half, mean + half, level)


def _prior_spread(spread: float, half: float, level: float) -> Estimate:
    """Return τ with the limits of τ² ± half: of the scales tried the most symmetric."""
    if np.isnan(half):
        why = "the lifts differ by less than chance: the data do not limit the spread"
        return Estimate(spread, np.nan, np.nan, level, why)
    low, high = np.sqrt(np.maximum(spread**2 + half * np.array([-1.0, 1.0]), 0.0))
    return Estimate(spread, float(low), float(high), level)


def _posteriors(
    data: _Clicks, model: _Model, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each posterior on a grid of its own: points and masses, (V, GRID) each.

    That μ and τ are themselves estimated is allowed for (Kass & Steffey 1989): μ's variance adds
    to the prior's, and the posterior is averaged over three values of τ², Gauss-Hermite nodes of
    its normal distribution, the lowest cut to what the grid resolves.
    """
    error = np.sqrt(np.nan_to_num(np.diag(covariance)))
    variances = model.spread**2 + error[1] * np.array([-np.sqrt(3), 0.0, np.sqrt(3)])
    variances = np.maximum(variances, variances[-1] * NARROWEST**2) + error[0] ** 2
    spreads = np.sqrt(variances)
    mode, scale = replace(model, spread=float(spreads[-1])).modes(data)
    grid = mode[:, None] + scale[:, None] * np.linspace(-GRID_WIDTH, GRID_WIDTH, GRID)
    log_likelihood = model.log_likelihood(data, grid)
    mass = np.zeros(grid.shape)
    for spread, weight in zip(spreads, (1 / 6, 2 / 3, 1 / 6), strict=True):
        log_density = log_likelihood - ((grid - model.mean) / spread) ** 2 / 2
        part = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        mass += part * (weight / part.sum(axis=1, keepdims=True))
    return grid, mass


def _rates(
    data: _Clicks, model: _Model, grid: FloatArray, mass: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the posterior mean click rates of baseline and arm, (V,) each.

    Given θ a video's λ is Gamma(x₀ + x₁ + shape, n₀ + rate + n₁ e^θ).
    """
    ratio = np.exp(grid)
    exposure = (data.n0 + model.rate)[:, None] + data.n1[:, None] * ratio  # (V, GRID)
    base = mass * (data.x0 + data.x1 + model.shape)[:, None] / exposure
    return base.sum(axis=1), np.sum(base * ratio, axis=1)


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
