"""Effects of arms against their test's control, shrunk towards what all tests say.

A pair is an arm and the control of its test. The model is that of `video_lifts`, a test in the
place of a video. Pairs of one test share a control, so the prior is learnt from one pair of each.
"""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.per_video import VideoLifts, lifts_of_pairs
from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.studies.historical.day_mix import PairCounts, pair_counts
from experiments.studies.historical.raw_ratio import RawRatio, raw_ratio
from experiments.studies.historical.records import Archive
from experiments.unit import Unit

# An arm so called is its test's control, the first of these that it has; in any case of letters.
CONTROL_NAMES = ("control", "baseline", "original", "raw")
FALSE_SIGNS = 0.05  # share of wrong signs allowed among the effects declared
FEWEST_TESTS = 10  # to learn from: with fewer the weak prior says as much as they do


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Every pair's effect, raw and shrunk.

    Attributes:
        arm, control: places of each pair's arms in the archive, (P,).
        counts: what the pairs are compared by.
        raw: each pair's ratio by itself.
        lifts: the posteriors; its video_ids are the pairs' places, 0 … P-1. None where `reason`
            says why.
        taken: which arms were taken as controls, in words.
        learnt_from: number of pairs that the prior is learnt from, one a test.
        without_control: tests that have no arm of the control's name.
        apart: pairs left out, for their arms have no day in common.
    """

    arm: IntArray
    control: IntArray
    counts: PairCounts
    raw: RawRatio
    lifts: VideoLifts | None
    taken: str
    learnt_from: int
    without_control: int
    apart: int
    reason: str = ""

    @property
    def judged(self) -> BoolArray:
        """The pairs that have a click: without one nothing is known of their ratio, (P,)."""
        return np.asarray(self.counts.clicks.sum(axis=1) > 0)


def effects(
    archive: Archive,
    trusted: BoolArray,
    changed: BoolArray,
    control: str = "",
    *,
    dispersion: float = 1.0,
) -> Effects:
    """Return the effects of the trusted tests.

    Args:
        archive: of any kind.
        trusted: tests to learn from and to report, (T,).
        changed: tests whose shares change with the day, (T,).
        control: name of the control arm; where empty the arm of CONTROL_NAMES, else the first.
        dispersion: variance of clicks over a binomial's.

    Raises:
        InputError: where no test has an arm of the control's name.
    """
    controls, taken = _controls(archive, control)
    base, arm = _pairs(archive, trusted, controls)
    counts = pair_counts(archive, base, arm, changed)
    together = np.all(counts.impressions > 0, axis=1)
    base, arm, counts = base[together], arm[together], counts.where(together)
    first = np.diff(archive.test[arm], prepend=-1) > 0
    lifts, reason = _lifts(counts, first, dispersion)
    return Effects(
        arm=arm,
        control=base,
        counts=counts,
        raw=raw_ratio(counts.impressions, counts.clicks, dispersion),
        lifts=lifts,
        taken=taken,
        learnt_from=int(first.sum()),
        without_control=int((controls[trusted] < 0).sum()),
        apart=int((~together).sum()),
        reason=reason,
    )


def _pairs(archive: Archive, trusted: BoolArray, controls: IntArray) -> tuple[IntArray, IntArray]:
    """Return control and arm of each pair that has impressions in both, (P,) each."""
    own = controls[archive.test]  # each arm's control (A,)
    seen = archive.impressions > 0
    paired = (own >= 0) & trusted[archive.test] & seen & seen[own]
    arm = np.flatnonzero(paired & (np.arange(len(archive.arms)) != own))
    return own[arm], arm


def _lifts(
    counts: PairCounts, first: BoolArray, dispersion: float
) -> tuple[VideoLifts | None, str]:
    """Return the posteriors, or why there are none."""
    if not len(first):
        return None, "no trusted test has impressions in its control and another arm"
    pairs = ClickPairs.of(counts.impressions, counts.clicks, dispersion, learn_from=first)
    tests = int(pairs.learnt.sum())
    if tests < FEWEST_TESTS:
        few = (
            f"too few tests with clicks to learn from: {tests}, at least {FEWEST_TESTS} are needed"
        )
        return None, f"{few}; each stands for itself"
    names, places = ("control", "arm"), np.arange(len(first))
    return lifts_of_pairs(pairs, names, places, Unit.IMPRESSION), ""


def _controls(archive: Archive, control: str) -> tuple[IntArray, str]:
    """Return the place of each test's control, (T,), -1 where it has none, and what was taken."""
    if control:
        found = _named(archive, control, [arm == control for arm in archive.arms])
        return found, f"the arm {control!r}"
    names = [arm.strip().lower() for arm in archive.arms]
    found, taken = archive.first_arm(), []
    left = np.ones(archive.count, dtype=bool)
    for usual in CONTROL_NAMES:
        places = np.flatnonzero([name == usual for name in names])
        places = places[left[archive.test[places]]]
        found[archive.test[places]] = places
        left[archive.test[places]] = False
        taken += [(len(places), f"the arm {usual!r}")]
    taken += [(int(left.sum()), "the first arm")]
    said = (f"{what} in {count:,} of {archive.count:,} tests" for count, what in taken if count)
    return found, "; ".join(said)


def _named(archive: Archive, control: str, named: list[bool]) -> IntArray:
    places = np.flatnonzero(named)
    if not len(places):
        known = ", ".join(sorted(set(archive.arms))[:10])
        raise InputError(f"control == {control!r}, must be the name of an arm, such as {known}")
    found = np.full(archive.count, -1)
    found[archive.test[places]] = places
    return found
