"""Tests of a creative against itself, found in the data: how often they call a difference."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.homogeneity import Homogeneity, dispersion, homogeneity
from experiments.analysis.stats.proportion import proportion
from experiments.analysis.stats.records import LEVEL, BoolArray, FloatArray, IntArray
from experiments.analysis.stats.results import Estimate
from experiments.studies.historical.records import NO_CREATIVE, Archive

NOMINAL = (0.05, 0.01)


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How often a true null was rejected at a nominal rate, with its exact interval."""

    nominal: float
    rejected: int
    tested: int
    realised: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class SameCreative:
    """Groups of arms of one test that showed the same.

    Attributes:
        groups: number of groups with two arms and more.
        too_few: groups left out, with too few clicks expected in an arm.
        rates: error rates of one test of all arms of a group.
        pair_rates: error rates of tests of two arms, each arm in one pair at most: such pairs are
            independent, and what a reader compares.
        dispersion: variance of clicks over a binomial's, φ, from all groups.
        reason: why there is nothing to say; empty where there is.
    """

    groups: int
    too_few: int
    rates: tuple[ErrorRate, ...]
    pair_rates: tuple[ErrorRate, ...]
    dispersion: Estimate
    reason: str = ""


def same_creative(archive: Archive, trusted: BoolArray) -> SameCreative:
    """Test arms with the same creative for a difference in click rates.

    Args:
        archive: of any kind.
        trusted: tests to look at, (T,): a broken assignment breaks this test, too.
    """
    if np.all(archive.creative == NO_CREATIVE):
        return _nothing("no column is named for what the arms showed (creative)")
    used = trusted[archive.test] & (archive.creative != NO_CREATIVE) & (archive.impressions > 0)
    shown = np.stack([archive.test[used], archive.creative[used]])
    _, group, sizes = np.unique(shown, axis=1, return_inverse=True, return_counts=True)
    several = sizes[group] > 1
    if not several.any():
        return _nothing("no trusted test has two arms with the same creative")
    _, group = np.unique(group[several], return_inverse=True)
    views, clicks = archive.impressions[used][several], archive.clicks[used][several]
    found = homogeneity(group, views, clicks)
    too_few, groups = found.too_few, len(found.df)
    reason = f"{groups} groups, all with too few clicks to test" if too_few == groups else ""
    arms, pair = _pairs(group)
    pairs = homogeneity(pair, views[arms], clicks[arms])
    return SameCreative(groups, too_few, _rates(found), _rates(pairs), dispersion(found), reason)


def _pairs(group: IntArray) -> tuple[IntArray, IntArray]:
    """Return arms that make up pairs within groups, one after the other, and the pair of each."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    place = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    paired = place < np.repeat(sizes // 2 * 2, sizes)  # an odd last arm is left out
    return order[paired], np.arange(paired.sum()) // 2


def _rates(found: Homogeneity) -> tuple[ErrorRate, ...]:
    p_values: FloatArray = found.p_values
    rejected = {nominal: int((p_values < nominal).sum()) for nominal in NOMINAL}
    return tuple(
        ErrorRate(nominal, count, len(p_values), proportion(count, len(p_values), method="beta"))
        for nominal, count in rejected.items()
        if len(p_values)
    )


def _nothing(reason: str) -> SameCreative:
    return SameCreative(0, 0, (), (), Estimate(np.nan, np.nan, np.nan, LEVEL, reason), reason)
