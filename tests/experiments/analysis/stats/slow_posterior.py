"""The posteriors of per_video by plain sums over wide, even lattices: an independent, slow way."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from experiments.analysis.stats.records import FloatArray, IntArray

# Of each shape: its chance before any data, and share, mean and s.d. of its normals.
_TAIL = np.sqrt((1 - 0.7 * (0.25 + 0.35**2)) / 0.3 - (0.35 / 0.3) ** 2)
SHAPES = [
    (0.8, [(1.0, 0.0, 1.0)]),
    (0.05, [(0.8, 0.0, 0.5), (0.2, 0.0, 2.0)]),
    (0.05, [(0.9, 0.0, 0.1), (0.1, 0.0, np.sqrt(9.91))]),
    (0.05, [(0.7, -0.5, 0.35), (0.3, 0.35 / 0.3, _TAIL)]),
    (0.05, [(0.7, 0.5, 0.35), (0.3, -0.35 / 0.3, _TAIL)]),
]
THETA = np.linspace(-3, 3, 241)
MEAN, SPREAD = (
    each.ravel()
    for each in np.meshgrid(np.linspace(-1.2, 1.2, 25), np.exp(np.linspace(-5, 1.5, 17)))
)
SLOPES = np.linspace(-0.8, 0.8, 7)
LOGIT = np.linspace(-8, 8, 25)


@dataclass
class Slow:
    """Chances of a better and a worse arm, and distribution functions at THETA, (V, T)."""

    better: FloatArray
    worse: FloatArray
    below: FloatArray
    never_zero: float


def slow_posterior(views: IntArray, clicks: IntArray) -> Slow:
    total = clicks.sum(axis=1)
    overall = (total.sum() + 0.5) / (views.sum() + 1)
    rate = (total + 4) / (views.sum(axis=1) + 4 / overall)
    contrast = np.log(rate) - np.log(rate).mean()
    scaled = clicks / (1 - rate)[:, None]
    ratio = np.log(views[:, 1] / views[:, 0])
    likelihood = stats.beta.pdf(  # x₁ successes of X, up to a constant
        special.expit(THETA + ratio[:, None]), scaled[:, [1]] + 1, scaled[:, [0]] + 1
    )
    at_zero = stats.beta.pdf(special.expit(ratio), scaled[:, 1] + 1, scaled[:, 0] + 1)
    logs, parts = [], []
    for slope in SLOPES:
        log_weights, found = _at_slope(likelihood, at_zero, slope * contrast)
        logs.append([each - 0.5 * (slope / 0.3) ** 2 for each in log_weights])
        parts.append(found)
    log_evidence = special.logsumexp(logs, axis=0)
    weights = np.exp(np.array(logs) - log_evidence)  # (slopes, 2)
    without, within = (
        sum(weight * part[which] for weight, part in zip(weights[:, which], parts, strict=True))
        for which in (0, 1)
    )
    chance = float(special.expit(log_evidence[0] - log_evidence[1]))
    both = chance * without + (1 - chance) * within
    up, half = (THETA > 1e-9), 0.5 * (np.abs(THETA) < 1e-9)
    return Slow(both @ (up + half), both @ (1 - up - half), np.cumsum(without, axis=1), chance)


def _at_slope(
    likelihood: FloatArray, at_zero: FloatArray, shift: FloatArray
) -> tuple[tuple[float, float], tuple[FloatArray, FloatArray]]:
    """Return log evidence and posteriors, (V, T), of the prior without and that with zeros."""
    slabs = [_slabs(THETA - each) for each in shift]
    of_slab = np.array([own @ slab for own, slab in zip(likelihood, slabs, strict=True)])
    prior = stats.norm.logpdf(MEAN, 0, 0.5) + np.log(SPREAD) - SPREAD**2 / 2
    log_prior = np.concatenate([np.log(chance) + prior for chance, _ in SHAPES])
    outcomes = []
    for chances in (np.zeros(1), special.expit(LOGIT)):
        marginal = (1 - chances) * of_slab[..., None] + chances * at_zero[:, None, None]
        log_weights = np.log(marginal).sum(axis=0) + log_prior[:, None]
        if len(chances) > 1:
            log_weights += np.log(0.5) + 0.5 * np.log(chances) + np.log1p(-chances)
            log_weights += np.log(LOGIT[1] - LOGIT[0])
        log_evidence = special.logsumexp(log_weights)
        by_slab = np.sum(np.exp(log_weights - log_evidence) * (1 - chances) / marginal, axis=2)
        prior = np.array([slab @ own for slab, own in zip(slabs, by_slab, strict=True)])
        outcomes.append((log_evidence, likelihood * prior))
    (first, without), (second, within) = outcomes
    return (first, second), (without, within)


def _slabs(theta: FloatArray) -> FloatArray:
    """Return masses at theta of every shape at every mean and spread, (T, shapes * M)."""
    slabs = []
    for _, normals in SHAPES:
        density = sum(
            share * stats.norm.pdf(theta[:, None], MEAN + SPREAD * middle, SPREAD * width)
            for share, middle, width in normals
        )
        slabs.append(density)
    masses = np.concatenate(slabs, axis=1) + 1e-300
    return np.asarray(masses / masses.sum(axis=0))
