"""Every video's lifts and the arm to ship for it, from the counts of an experiment as they are.

Where shares changed, a video's click rates are those standardised to one mix of strata, in as many
views as would tell as much (see standardise.py), so that no arm gains by when it was shown.
"""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.decision import DecisionMap, decide
from experiments.analysis.stats.engine import compared
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.per_video import VideoLifts, lifts_of_pairs
from experiments.analysis.stats.records import (
    CONTROL,
    LEVEL,
    FloatArray,
    StratifiedCounts,
    VideoCounts,
    ratio_or_nan,
)
from experiments.analysis.stats.results import ALONE, NEVER_TOGETHER
from experiments.analysis.stats.standardise import Columns, joined
from experiments.unit import Unit

WHOLE_VIDEOS = (
    "each video was shown in one arm only: there is no lift of a single video, only of arms"
)


@dataclass(frozen=True, slots=True, eq=False)
class VideoDecisions:
    """What an experiment says of each of its videos.

    Attributes:
        counts: views and clicks by video and arm, the plain sums.
        raw: each video's own improvement of each arm, by one mix of strata, (V, K): nan for the
            control, for a video that was never seen in both, and where the control has no click.
        lifts: by arm; none of an arm that never had a share while the control had one.
        shipped: the arm of each video with the most expected clicks.
    """

    counts: VideoCounts
    raw: FloatArray
    lifts: dict[str, VideoLifts]
    shipped: DecisionMap


def decide_by_video(
    counts: StratifiedCounts, unit: Unit, *, level: float = LEVEL, dispersion: float = 1.0
) -> VideoDecisions:
    """Return every video's lifts, and the arm to ship for it.

    Args:
        counts: of all videos; their error is by video, or widened by `dispersion`.
        unit: what was randomised.
        level: of the intervals.
        dispersion: variance of the clicks over a binomial's.

    Raises:
        DesignError: where whole videos are assigned, or no arm was ever shown beside the control.
    """
    if unit is Unit.VIDEO:
        raise DesignError(WHOLE_VIDEOS)
    counts, _ = joined(counts)
    _, columns = compared(counts, unit, 1)
    lifts, raw = {}, np.full(counts.views.shape[1:], np.nan)
    for column, baseline in _pairs(columns):
        rates = columns.ctr[:, [baseline, column]]
        views = columns.ctr_effective_views[:, [baseline, column]]
        pairs = ClickPairs.of(views, np.nan_to_num(views * rates), dispersion)
        arm = int(columns.arms[column])
        names = (counts.arms[CONTROL], counts.arms[arm])
        lifts[names[1]] = lifts_of_pairs(pairs, names, counts.video_ids, unit, level=level)
        raw[:, arm] = ratio_or_nan(rates[:, 1], rates[:, 0]) - 1
    if not lifts:
        raise DesignError(NEVER_TOGETHER)
    return VideoDecisions(counts.total(), raw, lifts, _shipped(counts.total(), lifts))


def _pairs(columns: Columns) -> list[tuple[int, int]]:
    """Return the column of each arm, with that of its control, in the order of the arms."""
    found = enumerate(columns.baselines.tolist())
    pairs = [(column, of) for column, of in found if of not in (column, ALONE)]
    return sorted(pairs, key=lambda pair: int(columns.arms[pair[0]]))


def _shipped(counts: VideoCounts, lifts: dict[str, VideoLifts]) -> DecisionMap:
    """Return the map over the control and the arms with lifts."""
    keep = [CONTROL, *(counts.arm_index(arm) for arm in lifts)]
    names = tuple(counts.arms[k] for k in keep)
    some = VideoCounts(counts.video_ids, names, counts.views[:, keep], counts.clicks[:, keep])
    return decide(some, list(lifts.values()))
