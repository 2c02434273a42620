"""Click rates of two arms over one mix of days, where the arms' shares change with the day.

Sums over days would compare days, not arms: an arm that had more of its impressions on a good day
looks better. Each arm's rate is standardised to the days of both arms together (direct
standardisation): with c_kd its rate on day d and w_d the share of both arms' impressions,

    c̃_k = Σ_d w_d c_kd,   Var(c̃_k) = Σ_d w_d² c_kd / n_kd

for clicks with a Poisson's variance. Days on which either arm lacks impressions are left out.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray
from experiments.studies.historical.records import Archive, DayCounts

RATE = 0.05  # at which shares are found to change with the day: a false alarm costs next to nothing


@dataclass(frozen=True, slots=True, eq=False)
class PairCounts:
    """Impressions and clicks of P pairs of arms, control first, (P, 2) each.

    Where `mixed` they are effective counts: their ratio is the standardised rate, and the clicks
    are as many as have its relative error.

    Attributes:
        mixed: which pairs are compared over one mix of days, (P,).
        left_out: impressions of both arms on days that one of them lacks, (P,).
    """

    impressions: FloatArray
    clicks: FloatArray
    mixed: BoolArray
    left_out: FloatArray

    def where(self, keep: BoolArray) -> "PairCounts":
        """Return some of the pairs."""
        return PairCounts(
            self.impressions[keep], self.clicks[keep], self.mixed[keep], self.left_out[keep]
        )


def shares_change(archive: Archive) -> BoolArray:
    """Return the tests in which the arms' shares of the impressions change with the day, (T,).

    Pearson's chi-square of arms by days in each test. Where all tests together show a change, each
    that is told by day counts as changed: what is too small to see in one adds up over many.
    """
    changed = np.zeros(archive.count, dtype=bool)
    if archive.by_day is None:
        return changed
    statistic, df = _dependence(archive, archive.by_day)
    p_values = scipy.stats.chi2.sf(statistic, np.maximum(df, 1))
    everywhere = scipy.stats.chi2.sf(statistic.sum(), max(df.sum(), 1)) < RATE
    return np.asarray((df > 0) & (everywhere | (p_values < RATE)))


def pair_counts(
    archive: Archive, control: IntArray, arm: IntArray, changed: BoolArray
) -> PairCounts:
    """Return what pairs of arms are compared by.

    Args:
        archive: of any kind.
        control: place of each pair's control, (P,).
        arm: place of each pair's other arm, (P,).
        changed: tests whose shares change with the day, (T,).
    """
    pairs = np.stack([control, arm], axis=1)
    impressions = archive.impressions[pairs].astype(np.float64)
    clicks = archive.clicks[pairs].astype(np.float64)
    mixed, left_out = changed[archive.test[arm]], np.zeros(len(arm))
    if archive.by_day is not None and mixed.any():
        days = _SharedDays.of(archive.by_day, pairs[mixed])
        left_out[mixed] = impressions[mixed].sum(axis=1) - days.total
        impressions[mixed], clicks[mixed] = days.effective_counts()
    return PairCounts(impressions, clicks, mixed, left_out)


@dataclass(frozen=True, slots=True, eq=False)
class _SharedDays:
    """The days on which both arms of a pair had impressions, J of Q pairs together.

    Attributes:
        pair: of each day, (J,).
        impressions, clicks: of control and arm, (J, 2).
        total: impressions of each pair on its days, (Q,).
    """

    pair: IntArray
    impressions: FloatArray
    clicks: FloatArray
    total: FloatArray

    @classmethod
    def of(cls, rows: DayCounts, pairs: IntArray) -> "_SharedDays":
        days, day = np.unique(rows.day, return_inverse=True)
        keys = rows.arm * len(days) + day  # ascending
        start = np.searchsorted(rows.arm, pairs[:, 1])
        lengths = np.searchsorted(rows.arm, pairs[:, 1], side="right") - start
        pair = np.repeat(np.arange(len(pairs)), lengths)
        of_arm = np.arange(len(pair)) + np.repeat(start - np.cumsum(lengths) + lengths, lengths)
        wanted = pairs[pair, 0] * len(days) + day[of_arm]
        of_control = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        both = np.stack([of_control, of_arm], axis=1)
        shared = (keys[of_control] == wanted) & np.all(rows.impressions[both] > 0, axis=1)
        pair, both = pair[shared], both[shared]
        shown = rows.impressions[both].sum(axis=1)
        total = np.bincount(pair, weights=shown, minlength=len(pairs)).astype(np.float64)
        return cls(pair, rows.impressions[both], rows.clicks[both], total)

    def effective_counts(self) -> tuple[FloatArray, FloatArray]:
        """Return impressions and clicks of control and arm, (Q, 2) each; 0 without shared days."""
        weight = (self.impressions.sum(axis=1) / self.total[self.pair])[:, None]
        rate = self._summed(weight * self.clicks / self.impressions)
        variance = self._summed(weight**2 * self.clicks / self.impressions**2)
        # Without a click the variance of the days' own rates is not known, that of one rate is.
        impressions = np.zeros(rate.shape)
        np.divide(
            1, self._summed(weight**2 / self.impressions), out=impressions, where=self._seen()
        )
        np.divide(rate, variance, out=impressions, where=variance > 0)
        return impressions, impressions * rate

    def _seen(self) -> BoolArray:
        return np.repeat(self.total[:, None] > 0, 2, axis=1)

    def _summed(self, values: FloatArray) -> FloatArray:
        columns = [
            np.bincount(self.pair, weights=column, minlength=len(self.total)) for column in values.T
        ]
        return np.stack(columns, axis=1)


def _dependence(archive: Archive, rows: DayCounts) -> tuple[FloatArray, IntArray]:
    """Return chi-square and degrees of freedom of arms by days, (T,) each; 0 without days."""
    seen = rows.impressions > 0
    arm, shown = rows.arm[seen], rows.impressions[seen]
    test = archive.test[arm]
    cells = np.stack([test, rows.day[seen]])
    days, day = np.unique(cells, axis=1, return_inverse=True)
    of_arm, of_day = np.bincount(arm, weights=shown), np.bincount(day, weights=shown)
    count = archive.count
    # Σ (O - E)² / E = N (Σ O² / (arm's total × day's total) - 1).
    squares = np.bincount(test, weights=shown**2 / (of_arm[arm] * of_day[day]), minlength=count)
    total = np.bincount(test, weights=shown, minlength=count)
    arms = np.bincount(archive.test[np.unique(arm)], minlength=count)
    df = np.maximum(arms - 1, 0) * np.maximum(np.bincount(days[0], minlength=count) - 1, 0)
    return np.where(df > 0, total * (squares - 1), 0.0), df
