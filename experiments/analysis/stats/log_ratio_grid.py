"""One grid of log ratios for all videos, on which priors and likelihoods meet."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.records import FloatArray

POINTS = 151
FURTHEST = 1.0  # from no effect that the middle may be
REACH = 4.0  # log ratios on either side of the middle: a factor of 55; beyond it there are none
NARROWEST = 0.5  # spacings that the s.d. of a normal on the grid must have for its mean to be exact


@dataclass(frozen=True, slots=True, eq=False)
class LogRatioGrid:
    """Points θ = centre + fine sinh(scale u), u evenly from -1 to 1: close in the middle, wide out.

    Attributes:
        points: θ, (G,).
        weights: of a sum that stands for the integral over θ, (G,).
    """

    centre: float
    fine: float
    points: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, pairs: ClickPairs) -> Self:
        """Return the grid for these videos: the surest of them set its finest spacing."""
        centre = float(np.clip(pairs.weighted_mean(pairs.raw), -FURTHEST, FURTHEST))
        fine = float(np.clip(2 * np.quantile(pairs.error[pairs.learnt], 0.05), 0.01, 0.5))
        u, scale = np.linspace(-1, 1, POINTS), np.arcsinh(REACH / fine)
        weights = fine * scale * np.cosh(scale * u) * (u[1] - u[0])
        return cls(centre, fine, centre + fine * np.sinh(scale * u), weights)

    def normals(self, mean: FloatArray, spread: FloatArray) -> FloatArray:
        """Return the masses of M normal distributions on the points, (G, M); each sums to 1."""
        at = np.clip(np.searchsorted(self.points, mean), 0, POINTS - 1)
        width = np.hypot(spread, NARROWEST * self.weights[at])
        z = (self.points[:, None] - mean) / width
        masses = np.exp(-0.5 * z**2) * self.weights[:, None]
        return np.asarray(masses / masses.sum(axis=0))

    def interpolated(self, densities: FloatArray, theta: FloatArray) -> FloatArray:
        """Return densities given on the grid, (V, G), at θ of each video, (V, M); 0 beyond it."""
        scale = np.arcsinh(REACH / self.fine)
        u = np.arcsinh((theta - self.centre) / self.fine) / scale
        place = np.clip((u + 1) / 2, 0, 1 - 1e-9) * (POINTS - 1)
        left = place.astype(np.int64)
        within = place - left
        left += POINTS * np.arange(len(theta))[:, None]
        at_left, at_right = densities.take(left), densities.take(left + 1)
        inside = np.abs(u) <= 1
        return np.asarray(inside * (at_left + within * (at_right - at_left)))


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """Each video's likelihood, 1 where it is highest, of θ less what its click rate foretells.

    Attributes:
        on_grid: (V, G).
        at_zero: at a ratio of 1, (V,).
    """

    on_grid: FloatArray
    at_zero: FloatArray

    @classmethod
    def of(cls, pairs: ClickPairs, grid: LogRatioGrid, slope: float) -> Self:
        """Compute it with each video's θ moved by slope times its log rate.

        Where a likelihood is narrower than the grid's spacing it is widened to it.
        """
        shift = slope * pairs.log_rate
        highest = pairs.highest_log_likelihood
        relative = pairs.log_likelihood(grid.points, shift) - highest[:, None]
        spacing = grid.weights[relative.argmax(axis=1)]
        temper = np.minimum(1, (pairs.error / spacing) ** 2)
        relative *= temper[:, None]
        at_zero = temper * (pairs.log_likelihood(np.zeros(1))[:, 0] - highest)
        return cls(np.exp(relative, out=relative), np.exp(at_zero))

    def where(self, keep: slice) -> Self:
        """Return that of some of the videos."""
        return type(self)(self.on_grid[keep], self.at_zero[keep])
