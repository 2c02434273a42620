"""The noise of clicks within a video and arm, with the randomised units as the sample.

Where one unit views a video more than once its clicks go together, and clicks vary by more than a
binomial's variance. The units of one video, arm and stratum are a split of it into as many parts as
there are, each with the same click rate: a null of the experiment's own, as the halves of a split
control are, and the surest of its kind.

Shape legend: N rows, C cells (a stratum, a video and an arm).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.homogeneity import FEWEST_EXPECTED
from experiments.analysis.stats.records import (
    LEVEL,
    FloatArray,
    IntArray,
    StratifiedCounts,
    ratio_or_zero,
)
from experiments.analysis.stats.results import Estimate

FEWEST_CELLS = 2  # whose spread is an error


@dataclass(frozen=True, slots=True, eq=False)
class UnitNoise:
    """Squares of the units' residuals, added up part by part.

    Attributes:
        counts: of all parts together.
        squares: Σ (x - c n)² over the units of each cell, (C,).
        units: of each cell, (C,).
    """

    counts: StratifiedCounts
    squares: FloatArray
    units: IntArray

    @classmethod
    def none(cls, counts: StratifiedCounts) -> Self:
        """Return that of no part yet."""
        cells = counts.views.size
        return cls(counts, np.zeros(cells), np.zeros(cells, np.int64))

    def plus(self, sums: CodedSums) -> Self:
        """Return it with one more part, in the strata of the counts; every viewer in one part."""
        cell, views, clicks = _of_units(sums, self.counts)
        rate = ratio_or_zero(self.counts.clicks, self.counts.views).ravel()
        squares = np.bincount(cell, (clicks - rate[cell] * views) ** 2, self.squares.size)
        return type(self)(
            self.counts,
            self.squares + squares,
            self.units + np.bincount(cell, minlength=self.squares.size),
        )

    def dispersion(self, *, level: float = LEVEL) -> Estimate:
        """Return φ, the variance of clicks over a binomial's, over the cells of enough clicks."""
        views, clicks = self.counts.views.ravel(), self.counts.clicks.ravel()
        binomial = clicks * (1 - ratio_or_zero(clicks, views))
        known = (np.minimum(clicks, views - clicks) >= FEWEST_EXPECTED) & (self.units > 1)
        if known.sum() < FEWEST_CELLS:
            why = f"fewer than {FEWEST_CELLS} videos and arms with {FEWEST_EXPECTED:.0f} clicks"
            return Estimate(np.nan, np.nan, np.nan, level, why)
        units = self.units[known]
        found, binomial = self.squares[known] * units / (units - 1), binomial[known]
        value = float(found.sum() / binomial.sum())
        error = float(np.sqrt(np.sum((found - value * binomial) ** 2)) / binomial.sum())
        half = float(scipy.stats.norm.isf((1 - level) / 2)) * error
        return Estimate(value, max(value - half, 0.0), value + half, level)


def _of_units(sums: CodedSums, counts: StratifiedCounts) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the cell, views and clicks of each viewer with a video, a stratum and an arm."""
    video = np.searchsorted(counts.video_ids, sums.video_ids)[sums.video]
    _, videos, arms = counts.views.shape
    cell = (sums.stratum * videos + video) * arms + sums.arm
    pair = np.zeros(cell.size, np.int64)
    pair[sums.pair_starts] = 1
    key = np.cumsum(pair) * max(counts.views.size, 1) + cell
    order = np.argsort(key, kind="stable")  # quick where they are in order, as most are
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    views, clicks = (
        np.add.reduceat(each[order], starts).astype(np.float64) if starts.size else np.zeros(0)
        for each in (sums.views, sums.clicks)
    )
    return np.asarray(key[starts] % max(counts.views.size, 1), np.int64), views, clicks
