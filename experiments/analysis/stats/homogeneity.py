"""Groups of arms that are known to have the same click rate: a true null, and its noise.

Such are arms with the same creative, the halves of a split control, the arms of an A/A test.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.records import LEVEL, FloatArray, IntArray
from experiments.analysis.stats.results import Estimate

FEWEST_EXPECTED = 5.0  # clicks, and views without one, in each arm (Cochran 1954)
FEWEST_DF = 20  # below it φ may come out half or twice what it is


@dataclass(frozen=True, slots=True, eq=False)
class Homogeneity:
    """Pearson's chi-square of equal click rates in G groups.

    Attributes:
        statistic: (G,), nan where an arm has fewer than FEWEST_EXPECTED clicks expected.
        df: arms less 1, (G,).
    """

    statistic: FloatArray
    df: IntArray

    @property
    def p_values(self) -> FloatArray:
        """Of the groups that have enough clicks, in their order."""
        return np.asarray(scipy.stats.chi2.sf(self.statistic, self.df)[~np.isnan(self.statistic)])

    @property
    def too_few(self) -> int:
        """Number of groups that have not."""
        return int(np.isnan(self.statistic).sum())


def homogeneity(group: IntArray, views: IntArray, clicks: IntArray) -> Homogeneity:
    """Test each group for a difference in click rates.

    Args:
        group: of each arm, (A,), in 0 … G - 1.
        views: (A,), over 0.
        clicks: (A,).
    """
    rate = np.bincount(group, weights=clicks) / np.bincount(group, weights=views)
    expected = rate[group] * views
    rest = views - expected
    enough = np.minimum(expected, rest) >= FEWEST_EXPECTED
    distance = np.zeros(expected.shape)
    np.divide((clicks - expected) ** 2 * views, expected * rest, out=distance, where=enough)
    statistic = np.bincount(group, weights=distance)
    too_few = np.bincount(group, weights=~enough) > 0
    return Homogeneity(np.where(too_few, np.nan, statistic), np.bincount(group) - 1)


def dispersion(found: Homogeneity, *, level: float = LEVEL) -> Estimate:
    """Return φ, the variance of clicks over a binomial's: chi-squares over degrees of freedom.

    McCullagh & Nelder (1989, section 4.5.2); the interval is from the spread of the groups. It is
    nan with a reason where the groups have fewer than FEWEST_DF degrees of freedom.
    """
    known = ~np.isnan(found.statistic)
    statistic, df = found.statistic[known], found.df[known]
    if df.sum() < FEWEST_DF:
        why = f"{int(df.sum())} comparisons that must find nothing, at least {FEWEST_DF} are needed"
        return Estimate(np.nan, np.nan, np.nan, level, why)
    value = float(statistic.sum() / df.sum())
    error = float(np.sqrt(np.sum((statistic - value * df) ** 2)) / df.sum())
    half = float(scipy.stats.norm.isf((1 - level) / 2)) * error
    return Estimate(value, max(value - half, 0.0), value + half, level)


def dispersion_to_use(estimate: Estimate) -> float:
    """Return φ for other comparisons: not below 1, and 1 where it is not known."""
    return 1.0 if np.isnan(estimate.value) else max(estimate.value, 1.0)
