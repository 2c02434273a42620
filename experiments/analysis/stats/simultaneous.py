"""Many comparisons, one method for their p-values and their intervals.

The single-step method of Hothorn, Bretz & Westfall (2008, section 3): the largest |T| of the
comparisons follows a multivariate t distribution with the comparisons' real correlation.

Its tail is computed without tables or random numbers. T = S u, with u uniform on the unit sphere
of dimension r (the rank of the correlation) and S² / r ~ F(r, df), so that
P(max |T| > c) = E_u[P(S > c / max_j |l_j'u|)] with rows l_j of a root of the correlation. The mean
over u is taken on a fixed grid: equal angles for r = 2, a Sobol set above. The tail is smooth and
falls with c, hence p-values and critical values agree to rounding, however small.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy

from experiments.analysis.stats.contrast import t_with_tail, two_sided_p
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.results import ArmMeans

LOG2_DIRECTIONS = 12
ANGLES = 1024


@dataclass(frozen=True, slots=True, eq=False)
class MaxT:
    """The distribution of the largest |T| of J; `reach` is max_j |l_j'u| over the grid, (D,)."""

    reach: FloatArray
    comparisons: int
    rank: int
    df: float

    def p_value(self, statistic: float) -> float:
        """Return P(max |T| > |statistic|), never below the unadjusted p-value."""
        size = abs(statistic)
        return max(self._tail(size), two_sided_p(size, self.df))

    def critical(self, level: float) -> float:
        """Return the value that max |T| exceeds with probability 1 - level."""
        alpha = 1 - level
        low = t_with_tail(alpha / 2, self.df)
        if self.rank == 1 or self.p_value(low) <= alpha:
            return low

        def excess(log_size: float) -> tuple[float, float]:
            tail, slope = self._tail(np.exp(log_size)), self._slope(np.exp(log_size))
            return np.log(tail / alpha), slope / tail

        # log P is concave in log c: from Bonferroni's value, which is above, Newton's steps come
        # down to the root. Each leaves the square of the last, so that 1e-6 is exact to rounding.
        bonferroni = np.log(t_with_tail(alpha / 2 / self.comparisons, self.df))
        root = scipy.optimize.root_scalar(
            excess, x0=bonferroni, fprime=True, method="newton", xtol=1e-6
        ).root
        return max(float(np.exp(root)), low)

    def _tail(self, size: float) -> float:
        """Return P(max |T| > size) by the grid alone."""
        return float(np.mean(scipy.special.fdtrc(self.rank, self.df, self._squares(size))))

    def _slope(self, size: float) -> float:
        """Return the derivative of it to log(size): -2 E x f(x), f the density of F(r, df)."""
        half, half_df = self.rank / 2, self.df / 2
        ratio = self._squares(size) * half / half_df
        logs = half * np.log(ratio) - (half + half_df) * np.log1p(ratio)
        return float(-2 * np.mean(np.exp(logs - scipy.special.betaln(half, half_df))))

    def _squares(self, size: float) -> FloatArray:
        """Return x, the S² / r at which the largest |T| is `size` in each direction, (D,)."""
        return np.asarray((size / self.reach) ** 2 / self.rank)


def max_t(correlation: FloatArray, df: float) -> MaxT:
    """Build the distribution of max |T| from a correlation matrix (J, J) of J comparisons."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-10 * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])  # (J, r)
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    rank = root.shape[1]
    reach = np.abs(_directions(rank) @ root.T).max(axis=1)
    return MaxT(reach, len(root), rank, df)


def contrast_correlation(means: ArmMeans, pairs: tuple[tuple[int, int], ...]) -> FloatArray:
    """Return the correlation (J, J) of the differences of J (arm, baseline) pairs."""
    weights = np.zeros((len(pairs), len(means.arms)))
    for row, (arm, baseline) in enumerate(pairs):
        weights[row, arm], weights[row, baseline] = 1.0, -1.0
    # An arm whose variance is nan is in none of the pairs. The first term is the preferred one; a
    # two-way term without a positive variance for some pair gives way to the next.
    covariances = (weights @ nearest_psd(np.nan_to_num(m)) @ weights.T for _, m in means.terms)
    covariance = next(c for c in covariances if np.all(np.diag(c) > 0))
    scale = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(scale, scale))


def holm(p_values: FloatArray) -> FloatArray:
    """Return Holm's (1979) adjusted p-values; nan stays nan and is no comparison."""
    adjusted = np.full(p_values.shape, np.nan)
    order = np.argsort(p_values)[: np.sum(~np.isnan(p_values))]  # nan sorts last
    still_standing = np.arange(order.size, 0, -1)
    stepped = np.maximum.accumulate(p_values[order] * still_standing)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


@lru_cache(maxsize=32)
def _directions(rank: int) -> FloatArray:
    # Unit vectors (D, r); max |l'u| is even in u, so half the circle is enough for r = 2.
    if rank == 1:
        return np.ones((1, 1))
    if rank == 2:
        angles = (np.arange(ANGLES) + 0.5) * np.pi / ANGLES
        return np.column_stack([np.cos(angles), np.sin(angles)])
    points = scipy.stats.qmc.Sobol(rank, scramble=True, rng=np.random.default_rng(20210202))
    normals = scipy.stats.norm.ppf(points.random_base2(LOG2_DIRECTIONS))
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def nearest_psd(matrix: FloatArray) -> FloatArray:
    """Return a covariance (C, C) without negative eigenvalues.

    A two-way one can have some; they are set to zero (Cameron, Gelbach & Miller 2011, p. 241).
    """
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)
