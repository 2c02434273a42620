"""The spread of log ratios over videos, with all that is uncertain about it.

A video's log ratio θ is nothing with chance π, and else

    θ = μ + β (log rate of its clicks) + τ × (one of SHAPES, with mean 0 and s.d. 1),

a mixture prior as in ash (Stephens 2017, Biostatistics 18:275), with a slope on the log base rate.
(μ, τ, π, β, shape) are not taken as known: their posterior, with the weak priors below, is
computed on a lattice around its mode (as INLA does, Rue, Martino & Chopin 2009, section 3.1), which
is found by zooming in, first with few videos and at last with all.

Shape legend: V videos, G points of the grid, B slopes, S shapes, M pairs of mean and spread,
P chances of nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np
import scipy

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.log_ratio_grid import Likelihood, LogRatioGrid
from experiments.analysis.stats.records import FloatArray

MEAN_SPREAD = 0.5  # μ ~ N(0, 0.5²): an arm may on average be better by deviation, or worse
SPREAD_SCALE = 1.0  # τ ~ deviation-Cauchy (Gelman 2006): a spread of 1 is a factor of 2.7
SLOPE_SPREAD = 0.3  # β ~ N(0, 0.3²)
ZERO_POWER = 0.5  # π ~ Beta(0.5, 1): it may well be that no effect is nothing
STEPS = np.linspace(-3, 3, 7)  # of the lattice, in s.d. of the posterior
SLOPE_STEPS = np.array([-np.sqrt(3), 0.0, np.sqrt(3)])  # Gauss-Hermite, with the weights below
SLOPE_WEIGHTS = np.log([1 / 6, 2 / 3, 1 / 6]) + SLOPE_STEPS**2 / 2
KNOWN = 0.1  # error of what β foretells, over τ, at which β need not be uncertain: each costs
SAMPLES = (200, 1000)  # videos to zoom in with before all
MOST = 50_000  # videos learnt from: more would change no figure that is shown
ROUNDS = 10
BLOCK = 256  # videos at a time, so that their chances stay in the processor's cache
TINY = 1e-300  # a likelihood below it is as good as none
NEGLIGIBLE = 1e-4  # chance below which a shape or a point of the lattice is dropped
Normals = tuple[tuple[float, float, float], ...]


def _two_normals(share: float, mean: float, spread: float) -> Normals:
    """Return a normal that has a share, and the one that makes up a mean of 0 and an s.d. of 1."""
    rest = 1 - share
    other = -share * mean / rest
    variance = (1 - share * (mean**2 + spread**2)) / rest - other**2
    return ((share, mean, spread), (rest, other, float(np.sqrt(variance))))


# Each with its chance before any data, and its normals: share, mean and s.d.
SHAPES: dict[str, tuple[float, Normals]] = {
    "normal": (0.8, ((1.0, 0.0, 1.0),)),
    "heavy-tailed": (0.05, _two_normals(0.8, 0.0, 0.5)),
    "mostly next to nothing": (0.05, _two_normals(0.9, 0.0, 0.1)),
    "skewed up": (0.05, _two_normals(0.7, -0.5, 0.35)),
    "skewed down": (0.05, _two_normals(0.7, 0.5, 0.35)),
}


@dataclass(frozen=True, slots=True, eq=False)
class EffectPrior:
    """The posterior of the prior's parameters, on a lattice.

    Attributes:
        slopes: β, (B,).
        slope, slope_error: mean and s.d. of β.
        mean, spread: μ and τ, (M,).
        zero: π, (P,); only 0 where effects are taken never to be nothing.
        shapes: names of the shapes that are left, (S,).
        slabs: masses on the grid of the effects that are not nothing, (G, S * M).
        weights: of each point of the lattice, (B, S * M, P); they sum to 1.
        log_evidence: log chance of the data under this prior; only its difference to that of
            another prior from the same data means something.
    """

    grid: LogRatioGrid
    slopes: FloatArray
    slope: float
    slope_error: float
    mean: FloatArray
    spread: FloatArray
    zero: FloatArray
    shapes: tuple[str, ...]
    slabs: FloatArray
    weights: FloatArray
    log_evidence: float

    @property
    def mean_and_spread_weights(self) -> FloatArray:
        """The weight of each pair of mean and spread, (M,)."""
        return np.asarray(self._by_slab().sum(axis=0))

    @property
    def shape_weights(self) -> FloatArray:
        """The weight of each shape, (S,)."""
        return np.asarray(self._by_slab().sum(axis=1))

    def _by_slab(self) -> FloatArray:
        by_slab = self.weights.sum(axis=(0, 2))
        return np.asarray(by_slab.reshape(len(self.shapes), len(self.mean)))


def learn_priors(pairs: ClickPairs, seed: int = 0) -> tuple[EffectPrior, EffectPrior]:
    """Learn the prior in which no effect is nothing, and the one in which some are.

    Args:
        pairs: of V videos, at least one of them to be learnt from.
        seed: of the order in which videos are taken.
    """
    grid = LogRatioGrid.of(pairs)
    order = np.random.default_rng(seed).permutation(np.flatnonzero(pairs.learnt))[:MOST]
    start = box = _Box.around(grid, pairs)
    for size in _sizes(min(len(order), SAMPLES[-1])):
        evidence_at = partial(_Evidence.of, pairs.where(order[:size]))
        box, never_zero = _zoom(evidence_at, box, zeros=False)
    learnt = pairs.where(order)
    if len(order) > SAMPLES[-1]:
        box = _with_finer_slope(box, never_zero, learnt)
    whole = _Evidence.of(learnt, box)
    _, never_zero = _zoom(whole.whatever, box, zeros=False)
    box = start.with_slope_of(box)
    for size in _sizes(len(order))[:-1]:
        box, _ = _zoom(whole.first(size).whatever, box, zeros=True)
    _, zero_inflated = _zoom(whole.whatever, box, zeros=True)
    return never_zero, zero_inflated


def chances(priors: Sequence[EffectPrior]) -> FloatArray:
    """Return the chance of each prior, equal before any data."""
    evidence = np.array([prior.log_evidence for prior in priors])
    return np.asarray(scipy.special.softmax(evidence))


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    """Where the lattice lies.

    Attributes:
        centre: of μ, ln τ, logit π and β, (4,).
        deviation: s.d. of each, (4,).
        shapes: names of those that are considered.
        slope_is_known: whether β stands for itself, its s.d. of no matter to a video.
    """

    grid: LogRatioGrid
    centre: FloatArray
    deviation: FloatArray
    shapes: tuple[str, ...]
    slope_is_known: bool = False

    @classmethod
    def around(cls, grid: LogRatioGrid, pairs: ClickPairs) -> Self:
        """Return one that holds all that is likely."""
        error = pairs.sureness[pairs.learnt].sum() ** -0.5
        centre = np.array([grid.centre, np.log(0.15), 0.0, 0.0])
        return cls(grid, centre, np.array([error + 0.3, 1.0, 1.8, SLOPE_SPREAD]), tuple(SHAPES))

    @property
    def slopes(self) -> FloatArray:
        """β at which likelihoods are computed, (B,)."""
        steps = np.zeros(1) if self.slope_is_known else SLOPE_STEPS
        return np.asarray(self.centre[3] + self.deviation[3] * steps)

    def around_the_mode_of(self, prior: EffectPrior) -> Self:
        """Return the box that the lattice's own weights suggest."""
        pairs = prior.mean_and_spread_weights.reshape(len(STEPS), len(STEPS))
        dimensions = (
            (self.centre[0] + self.deviation[0] * STEPS, pairs.sum(axis=1)),
            (self.centre[1] + self.deviation[1] * STEPS, pairs.sum(axis=0)),
            (self.centre[2] + self.deviation[2] * STEPS, prior.weights.sum(axis=(0, 1))),
            (prior.slopes, prior.weights.sum(axis=(1, 2))),
        )
        moments = [
            _moments(values, weights, deviation) if len(weights) > 1 else (centre, deviation)
            for (values, weights), centre, deviation in zip(
                dimensions, self.centre, self.deviation, strict=True
            )
        ]
        centre, deviation = np.array(moments).T
        return replace(self, centre=centre, deviation=deviation)

    def with_slope_of(self, other: Self) -> Self:
        """Return the box with what another knows of β."""
        return replace(
            self,
            centre=np.append(self.centre[:3], other.centre[3]),
            deviation=np.append(self.deviation[:3], other.deviation[3]),
            slope_is_known=other.slope_is_known,
        )

    def settled(self, before: Self) -> bool:
        """Whether μ, τ and π are where they were before, and as wide."""
        resized = np.abs(np.log(before.deviation[:3] / self.deviation[:3]))
        moved = np.abs(before.centre - self.centre)[:3] / before.deviation[:3]
        return bool(resized.max() < 0.25 and moved.max() < 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """The likelihoods of the videos learnt from, for each slope."""

    slopes: FloatArray
    likelihoods: tuple[Likelihood, ...]

    @classmethod
    def of(cls, pairs: ClickPairs, box: _Box) -> Self:
        slopes = box.slopes
        return cls(slopes, tuple(Likelihood.of(pairs, box.grid, slope) for slope in slopes))

    def whatever(self, _: _Box) -> Self:
        """Return itself: the slopes are settled."""
        return self

    def first(self, videos: int) -> Self:
        """Return that of the first videos at the middle slope: enough to zoom in by."""
        middle = [len(self.slopes) // 2]
        of_middle = self.likelihoods[middle[0]].where(slice(videos))
        return replace(self, slopes=self.slopes[middle], likelihoods=(of_middle,))


def _sizes(videos: int) -> list[int]:
    return [*(size for size in SAMPLES if size < videos), videos]


def _zoom(
    evidence_at: Callable[[_Box], _Evidence], box: _Box, *, zeros: bool
) -> tuple[_Box, EffectPrior]:
    """Move the lattice until it lies around the mode; drop the shapes that cannot be."""
    for _ in range(ROUNDS):
        before, prior = box, _on_lattice(evidence_at(box), box, zeros=zeros)
        box = before.around_the_mode_of(prior)
        if box.settled(before):
            break
    kept = tuple(
        shape
        for shape, weight in zip(prior.shapes, prior.shape_weights, strict=True)
        if weight > NEGLIGIBLE
    )
    return replace(box, shapes=kept), prior


def _on_lattice(evidence: _Evidence, box: _Box, *, zeros: bool) -> EffectPrior:
    means, log_spreads, logits = (box.centre[i] + box.deviation[i] * STEPS for i in range(3))
    mean, spread = (each.ravel() for each in np.meshgrid(means, np.exp(log_spreads), indexing="ij"))
    zero = scipy.special.expit(logits) if zeros else np.zeros(1)
    slabs = np.hstack([_slabs(box.grid, mean, spread, SHAPES[name][1]) for name in box.shapes])
    log_weights = np.array([_log_marginals(each, slabs, zero) for each in evidence.likelihoods])
    shapes = np.log([SHAPES[name][0] for name in box.shapes])
    log_weights += np.add.outer(shapes, _log_prior(mean, spread)).ravel()[:, None]
    log_weights += (-0.5 * (evidence.slopes / SLOPE_SPREAD) ** 2)[:, None, None]
    if len(evidence.slopes) > 1:
        log_weights += SLOPE_WEIGHTS[:, None, None]
    if zeros:  # the density of logit π
        log_weights += np.log(ZERO_POWER) + ZERO_POWER * np.log(zero) + np.log1p(-zero)
    highest = log_weights.max()
    weights = np.exp(log_weights - highest)
    log_evidence = (
        highest + np.log(weights.sum()) + np.log(box.deviation[: 3 if zeros else 2]).sum()
    )
    weights /= weights.sum()
    return EffectPrior(
        grid=box.grid,
        slopes=evidence.slopes,
        slope=float(weights.sum(axis=(1, 2)) @ evidence.slopes),
        slope_error=box.deviation[3],
        mean=mean,
        spread=spread,
        zero=zero,
        shapes=box.shapes,
        slabs=slabs,
        weights=weights,
        log_evidence=log_evidence,
    )


def _with_finer_slope(box: _Box, prior: EffectPrior, pairs: ClickPairs) -> _Box:
    """Return the box with mean and s.d. of β from all videos, where the prior is from some.

    The log likelihood at the likeliest slab is a parabola in β; μ hardly depends on it, for log
    rates are centred where μ is learnt.
    """
    slab = prior.slabs[:, prior.weights.sum(axis=(0, 2)).argmax()]
    steps = box.deviation[3] * np.array([-1.0, 0.0, 1.0])
    logs = [
        np.log(Likelihood.of(pairs, box.grid, slope).on_grid @ slab + TINY).sum()
        - 0.5 * (slope / SLOPE_SPREAD) ** 2
        for slope in box.centre[3] + steps
    ]
    parabola = np.polynomial.Polynomial.fit(steps, logs, 2).convert().coef
    curvature = max(-2 * parabola[2], SLOPE_SPREAD**-2)
    error = curvature**-0.5
    matters = error * pairs.log_rate.std() > KNOWN * np.exp(box.centre[1])
    return replace(
        box,
        centre=np.append(box.centre[:3], box.centre[3] + parabola[1] / curvature),
        deviation=np.append(box.deviation[:3], error),
        slope_is_known=not matters,
    )


def _log_prior(mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the log density of (μ, ln τ), (M,)."""
    return np.asarray(
        -0.5 * (mean / MEAN_SPREAD) ** 2 + np.log(spread) - 0.5 * (spread / SPREAD_SCALE) ** 2
    )


def _slabs(grid: LogRatioGrid, mean: FloatArray, spread: FloatArray, shape: Normals) -> FloatArray:
    """Return the masses of effects that are not nothing, (G, M)."""
    parts = [
        share * grid.normals(mean + spread * middle, spread * width)
        for share, middle, width in shape
    ]
    return np.asarray(np.sum(parts, axis=0))


def _log_marginals(likelihood: Likelihood, slabs: FloatArray, zero: FloatArray) -> FloatArray:
    """Return the log likelihood of all videos at each slab and chance of nothing, (S * M, P)."""
    blocks = [
        likelihood.where(slice(start, start + BLOCK))
        for start in range(0, len(likelihood.at_zero), BLOCK)
    ]
    return np.asarray(np.sum([_of_block(block, slabs, zero) for block in blocks], axis=0))


def _of_block(likelihood: Likelihood, slabs: FloatArray, zero: FloatArray) -> FloatArray:
    of_slab = likelihood.on_grid @ slabs + TINY  # (V, S * M)
    if not zero.any():
        return np.asarray(np.log(of_slab).sum(axis=0)[:, None])
    nothing = likelihood.at_zero[:, None]
    return np.stack(
        [np.log((1 - chance) * of_slab + chance * nothing).sum(axis=0) for chance in zero], axis=1
    )


def _moments(values: FloatArray, weights: FloatArray, deviation: float) -> tuple[float, float]:
    """Return mean and s.d., the latter not below what the lattice can tell."""
    mean = float(weights @ values)
    spread = float(np.sqrt(weights @ (values - mean) ** 2))
    return mean, max(spread, 0.3 * deviation)
