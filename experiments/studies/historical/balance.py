"""Sample-ratio mismatch of every test and of every week, the false discoveries controlled."""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray
from experiments.studies.historical.records import Archive

FALSE_DISCOVERY_RATE = 0.01
FEWEST_EXPECTED = 5.0  # impressions an arm, for the chi-square to hold (Cochran 1954)


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Pearson's chi-square of impressions against promised shares, for each of S slices.

    Attributes:
        statistic, df: float64 and int64 (S,).
        p_values: (S,), nan where an arm was promised fewer than FEWEST_EXPECTED impressions.
        adjusted: Benjamini-Hochberg adjusted p-values, (S,).
        rate: the false discovery rate at which a slice is mismatched.
    """

    statistic: FloatArray
    df: IntArray
    p_values: FloatArray
    adjusted: FloatArray
    rate: float

    @property
    def checked(self) -> BoolArray:
        """Which slices could be checked, (S,)."""
        return ~np.isnan(self.p_values)

    @property
    def mismatched(self) -> BoolArray:
        """Which slices are mismatched, (S,)."""
        return np.asarray(self.adjusted < self.rate)

    def where(self, keep: BoolArray) -> "Ratios":
        """Return the slices for which `keep` (S,) is true, adjusted among all as they were."""
        return Ratios(
            self.statistic[keep],
            self.df[keep],
            self.p_values[keep],
            self.adjusted[keep],
            self.rate,
        )


def ratios_by_test(archive: Archive, rate: float = FALSE_DISCOVERY_RATE) -> Ratios:
    """Check every test's impressions against its arms' weights."""
    share = archive.weights / archive.total(archive.weights)[archive.test]
    expected = share * archive.total(archive.impressions)[archive.test]  # (A,)
    distance = np.zeros(expected.shape)
    np.divide((archive.impressions - expected) ** 2, expected, out=distance, where=expected > 0)
    enough = archive.total(expected < FEWEST_EXPECTED) == 0
    statistic = np.where(enough, archive.total(distance), np.nan)
    return _ratios(statistic, np.bincount(archive.test, minlength=archive.count) - 1, rate)


def ratios_by_week(by_test: Ratios, week: IntArray, weeks: int) -> Ratios:
    """Add the tests' chi-squares up by week.

    Args:
        by_test: of T tests.
        week: place of each test's week, (T,), in 0 … weeks - 1.
        weeks: how many there are.
    """
    seen = by_test.checked
    statistic = np.bincount(week[seen], weights=by_test.statistic[seen], minlength=weeks)
    df = np.bincount(week[seen], weights=by_test.df[seen], minlength=weeks).astype(np.int64)
    return _ratios(np.where(df > 0, statistic, np.nan), df, by_test.rate)


def _ratios(statistic: FloatArray, df: IntArray, rate: float) -> Ratios:
    p_values = np.full(statistic.shape, np.nan)
    checked = ~np.isnan(statistic)
    p_values[checked] = scipy.stats.chi2.sf(statistic[checked], df[checked])
    adjusted = p_values.copy()
    if checked.any():
        adjusted[checked] = scipy.stats.false_discovery_control(p_values[checked], method="bh")
    return Ratios(statistic, df, p_values, adjusted, rate)
