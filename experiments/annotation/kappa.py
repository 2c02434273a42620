"""Cohen's kappa: the agreement of two people beyond chance."""

from statistics import NormalDist

import numpy as np

from experiments.analysis.stats.records import LEVEL, BoolArray, FloatArray
from experiments.analysis.stats.results import Estimate

NO_SPREAD = 1e-12  # of a variance that is 0 but for rounding


def cohens_kappa(one: BoolArray, other: BoolArray, *, level: float = LEVEL) -> Estimate:
    """Return κ = (p_o - p_e) / (1 - p_e) (Cohen 1960) of two people's yes and no.

    The interval is normal with the large-sample variance of Fleiss, Cohen & Everitt (1969).
    κ is nan where both always gave one and the same answer; its interval is nan where
    its variance is estimated as 0: where they never differ, or one always said the same.

    Args:
        one: (N,) what the one said of each item.
        other: (N,) what the other said.
        level: of the interval.
    """
    if one.shape != other.shape:
        raise ValueError(f"one.shape == {one.shape}, other.shape == {other.shape}, must be equal")
    if not len(one):
        return Estimate(np.nan, np.nan, np.nan, level, "nothing was judged by both")
    counts = np.zeros((2, 2), dtype=np.int64)
    np.add.at(counts, (one.astype(int), other.astype(int)), 1)
    if len(one) in np.diag(counts):
        return Estimate(np.nan, np.nan, np.nan, level, "both gave one and the same answer always")
    kappa, variance = _kappa(counts / len(one))
    if variance < NO_SPREAD:
        return Estimate(kappa, np.nan, np.nan, level, "its variance is estimated as 0")
    reach = NormalDist().inv_cdf((1 + level) / 2) * float(np.sqrt(variance / len(one)))
    return Estimate(kappa, max(-1.0, kappa - reach), min(1.0, kappa + reach), level)


def _kappa(table: FloatArray) -> tuple[float, float]:
    """Return κ and N times its variance, of a (2, 2) table of shares."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    by_chance = float(rows @ columns)
    kappa = float((np.trace(table) - by_chance) / (1 - by_chance))
    margins = rows[None, :] + columns[:, None]  # p_.i + p_j. at (i, j)
    same = np.sum(np.diag(table) * (1 - np.diag(margins) * (1 - kappa)) ** 2)
    apart = (1 - kappa) ** 2 * np.sum(table * (1 - np.eye(2)) * margins**2)
    chance = (kappa - by_chance * (1 - kappa)) ** 2
    return kappa, max(0.0, float((same + apart - chance) / (1 - by_chance) ** 2))
