"""Tests of a creative against itself, found in the data: how often they call a difference."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray
from experiments.analysis.stats.results import Estimate
from experiments.studies.historical.balance import FEWEST_EXPECTED
from experiments.studies.historical.records import NO_CREATIVE, Archive

NOMINAL = (0.05, 0.01)
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How often a true null was rejected at a nominal rate, with its exact interval."""

    nominal: float
    rejected: int
    realised: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class SameCreative:
    """Groups of arms of one test that showed the same.

    Attributes:
        groups: number of groups with two arms and more.
        too_few: groups left out, with fewer than FEWEST_EXPECTED clicks expected in an arm.
        p_values: of the others, chi-square of clicks, (G,).
        rates: at each nominal rate.
        reason: why there is nothing to say; empty where there is.
    """

    groups: int
    too_few: int
    p_values: FloatArray
    rates: tuple[ErrorRate, ...]
    reason: str = ""


def same_creative(archive: Archive, trusted: BoolArray) -> SameCreative:
    """Test each group of arms with the same creative for a difference in click rates.

    Args:
        archive: of any kind.
        trusted: tests to look at, (T,): a broken assignment breaks this test, too.
    """
    if np.all(archive.creative == NO_CREATIVE):
        return _nothing("no column says what the arms showed: name it by --creative")
    used = trusted[archive.test] & (archive.creative != NO_CREATIVE) & (archive.impressions > 0)
    pairs = np.stack([archive.test[used], archive.creative[used]])
    _, group, sizes = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    several = sizes[group] > 1
    if not several.any():
        return _nothing("no trusted test has two arms with the same creative")
    _, group = np.unique(group[several], return_inverse=True)
    views, clicks = archive.impressions[used][several], archive.clicks[used][several]
    p_values = _homogeneity(group, views, clicks)
    tested = p_values[~np.isnan(p_values)]
    too_few = len(p_values) - len(tested)
    reason = "" if len(tested) else f"{too_few} groups, all with too few clicks to test"
    return SameCreative(len(p_values), too_few, tested, _rates(tested), reason)


def _homogeneity(group: IntArray, views: IntArray, clicks: IntArray) -> FloatArray:
    """Return Pearson's chi-square p-value of equal click rates for each group, (G,)."""
    rate = np.bincount(group, weights=clicks) / np.bincount(group, weights=views)
    expected = rate[group] * views
    rest = views - expected
    with np.errstate(invalid="ignore", divide="ignore"):  # a rate of 0 or 1 is left out below
        distance = (clicks - expected) ** 2 * (1 / expected + 1 / rest)
    enough = np.bincount(group, weights=np.minimum(expected, rest) < FEWEST_EXPECTED) == 0
    p_values = stats.chi2.sf(np.bincount(group, weights=distance), np.bincount(group) - 1)
    return np.where(enough, p_values, np.nan)


def _rates(p_values: FloatArray) -> tuple[ErrorRate, ...]:
    rates = []
    for nominal in NOMINAL if len(p_values) else ():
        rejected = int((p_values < nominal).sum())
        # Clopper & Pearson (1934).
        low, high = proportion_confint(rejected, len(p_values), 1 - LEVEL, method="beta")
        share = rejected / len(p_values)
        rates.append(ErrorRate(nominal, rejected, Estimate(share, float(low), float(high), LEVEL)))
    return tuple(rates)


def _nothing(reason: str) -> SameCreative:
    return SameCreative(0, 0, np.zeros(0), (), reason)
