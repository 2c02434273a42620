"""The self-audit of an experiment: how often its test is wrong on its own log, beside the nominal.

Computed aside with the two-way error, and bounded: some hundred dealings of a sample of its units.
"""

from dataclasses import asdict, replace

import numpy as np

from experiments.analysis.first_views import as_kept
from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.records import (
    StratifiedCounts,
    VideoCounts,
    ViewerVideoSums,
)
from experiments.analysis.stats.robustness import BLOCKED
from experiments.analysis.stats.self_audit import (
    RealisedError,
    permute_within_videos,
    split_control,
)
from experiments.unit import Unit

Kept = dict[str, object]
ROWS_AT_MOST = 60_000  # of the control's sums by viewer and video: some seconds of dealing


def kept_errors(counts: StratifiedCounts, sums: CodedSums, unit: Unit) -> list[Kept]:
    """Return the realised error rates of the experiment, as they are kept.

    Args:
        counts: of all its events.
        sums: by viewer, of some of its viewers at least.
        unit: what is assigned. Whole videos cannot be dealt anew, nor clicks of assigned viewers.
    """
    if unit is Unit.VIDEO:
        return []
    whole = _seen(counts.total())
    found = [split_control(whole, unit, sums=_sample(sums))]
    if unit in BLOCKED:
        found.append(permute_within_videos(whole, unit))
    return [_kept(error) for error in found]


def _seen(counts: VideoCounts) -> VideoCounts:
    """Return the counts of the control and of the arms with any view."""
    keep = np.flatnonzero(counts.views.sum(axis=0))
    if keep.size < 2 or keep[0]:
        return counts
    arms = tuple(counts.arms[arm] for arm in keep)
    return replace(counts, arms=arms, views=counts.views[:, keep], clicks=counts.clicks[:, keep])


def _sample(sums: CodedSums) -> ViewerVideoSums:
    """Return the control's sums of as many viewers, at random, as may be dealt."""
    control = sums.arm == 0
    viewers = sums.viewer[control]
    if viewers.size <= ROWS_AT_MOST:
        return sums.where(control)
    # Viewers are in the order of hashes, so that the first ones are a random sample.
    return sums.where(control & (sums.viewer < viewers[ROWS_AT_MOST]))


def _kept(error: RealisedError) -> Kept:
    return {**asdict(error), "rate": as_kept(error.rate)}
