"""Effects of arms against their test's control, shrunk towards what all tests say.

A pair is an arm and the control of its test. The model is that of `video_lifts`, a test in the
place of a video. Pairs of one test share a control, so the prior is learnt from one pair of each.
"""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.per_video import VideoLifts, lifts_of_pairs
from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray
from experiments.studies.historical.records import Archive
from experiments.unit import Unit

# An arm so called is its test's control, the first of these that it has; in any case of letters.
CONTROL_NAMES = ("control", "baseline", "original", "raw")


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Every pair's effect, raw and shrunk.

    Attributes:
        arm, control: places of each pair's arms in the archive, (P,).
        raw: click rate of the arm over that of the control, less 1, (P,); nan where the control
            has no clicks.
        lifts: the posteriors; its video_ids are the pairs' places, 0 … P-1. None where `reason`
            says why.
        taken: which arms were taken as controls, in words.
        learnt_from: number of pairs that the prior was fitted to, one a test.
        without_control: tests that have no arm of the control's name.
    """

    arm: IntArray
    control: IntArray
    raw: FloatArray
    lifts: VideoLifts | None
    taken: str
    learnt_from: int
    without_control: int
    reason: str = ""


def effects(
    archive: Archive, trusted: BoolArray, control: str = "", *, level: float = 0.95
) -> Effects:
    """Return the effects of the trusted tests.

    Args:
        archive: of any kind.
        trusted: tests to learn from and to report, (T,).
        control: name of the control arm; where empty the arm of CONTROL_NAMES, else the first.
        level: of the credible intervals.

    Raises:
        InputError: where no test has an arm of the control's name.
    """
    controls, taken = _controls(archive, control)
    seen = archive.impressions > 0
    own = controls[archive.test]  # each arm's control (A,)
    paired = (own >= 0) & trusted[archive.test] & seen & seen[own]
    arm = np.flatnonzero(paired & (np.arange(len(archive.arms)) != own))
    base = own[arm]
    without = int((controls[trusted] < 0).sum())
    if not len(arm):
        why = "no trusted test has impressions in its control and another arm"
        return Effects(arm, base, np.zeros(0), None, taken, 0, without, why)
    views = np.stack([archive.impressions[base], archive.impressions[arm]], axis=1)
    clicks = np.stack([archive.clicks[base], archive.clicks[arm]], axis=1)
    first = np.diff(archive.test[arm], prepend=-1) > 0
    rates = clicks / views
    raw = np.full(len(arm), np.nan)
    np.divide(rates[:, 1], rates[:, 0], out=raw, where=rates[:, 0] > 0)
    pairs = ClickPairs.of(views, clicks, learn_from=first)
    lifts = lifts_of_pairs(
        pairs, ("control", "arm"), np.arange(len(arm)), Unit.IMPRESSION, level=level
    )
    return Effects(arm, base, raw - 1, lifts, taken, int(first.sum()), without)


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
