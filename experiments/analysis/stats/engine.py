"""The door of the room: given the design and the counts, the honest test.

Which unit is randomised decides which error is right. Paired by video is honest where the arms of
a video are dealt out independently of the viewer's other videos, two-way errors are honest
wherever sums by viewer are at hand, and with whole videos assigned only the spread between videos
is left.
"""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.compare import Pairs, compare
from experiments.analysis.stats.contrast import expected_events
from experiments.analysis.stats.errors import DesignError, InputError
from experiments.analysis.stats.inclusion import include_videos
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.pooled import pooled_means
from experiments.analysis.stats.records import VideoCounts, ViewerVideoCells
from experiments.analysis.stats.results import (
    ArmMeans,
    ComparisonSet,
    Inclusion,
    Method,
    Mode,
    Summary,
)
from experiments.analysis.stats.summary import summarise
from experiments.analysis.stats.two_way import CodedCells, two_way_mean_ctr, two_way_pooled_ctr
from experiments.analysis.stats.welch import between_means
from experiments.unit import Unit

HONEST: dict[Unit, tuple[Method, ...]] = {
    Unit.VIEWER_VIDEO: (Method.TWO_WAY, Method.PAIRED_BY_VIDEO),
    Unit.IMPRESSION: (Method.TWO_WAY, Method.PAIRED_BY_VIDEO),
    Unit.VIEWER: (Method.TWO_WAY,),
    Unit.VIDEO: (Method.WELCH,),
}
NEEDS_CELLS = (
    "needs sums by viewer and video: pass cells, a ViewerVideoCells record of the same experiment"
)


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """Arm means of one experiment under one method, and the videos that they are over."""

    inclusion: Inclusion
    mean_ctr: ArmMeans
    pooled_ctr: ArmMeans


def honest_method(unit: Unit, *, with_cells: bool, wanted: Method | None = None) -> Method:
    """Return the test for a design: the wanted one if it is honest, else the best at hand.

    Raises:
        DesignError: if the wanted test is dishonest under the design, or sums by viewer and video
            are needed and missing; the message names the right test.
    """
    honest = HONEST[unit]
    if wanted is not None and wanted not in honest:
        raise DesignError(
            f"method == {wanted.value!r} is not honest when the unit is {unit.value!r}, "
            f"must be {honest[0].value!r}"
        )
    usable = [m for m in honest if with_cells or m is not Method.TWO_WAY]
    if not usable or (wanted is Method.TWO_WAY and not with_cells):
        raise DesignError(f"unit == {unit.value!r} with {Method.TWO_WAY.value!r} {NEEDS_CELLS}")
    return wanted or usable[0]


def estimate(
    counts: VideoCounts,
    unit: Unit,
    *,
    cells: ViewerVideoCells | None = None,
    min_views: int = 1,
    method: Method | None = None,
) -> Estimated:
    """Return the arm means of an experiment with the errors that its design calls for.

    Args:
        counts: views and clicks by video and arm.
        unit: what was randomised.
        cells: the same data by viewer and video; with it the default is the two-way error.
        min_views: a video counts where every compared arm has at least this many views.
        method: a test to insist on.

    Raises:
        DesignError: see honest_method.
        InputError: if cells and counts are not of the same data.
    """
    chosen = honest_method(unit, with_cells=cells is not None, wanted=method)
    if chosen is Method.TWO_WAY and cells is not None:
        return _two_way(counts, cells, unit, min_views)
    inclusion = include_videos(counts.video_ids, counts.arms, counts.views, unit, min_views)
    kept = counts.where(inclusion.included)
    of_ratios = between_means if chosen is Method.WELCH else paired_means
    events = expected_events(kept.clicks.sum(axis=0), kept.views.sum(axis=0))
    return Estimated(
        inclusion,
        of_ratios(kept.arms, kept.ctr, events),
        pooled_means(kept.arms, kept.views, kept.clicks, chosen),
    )


def compare_arms(
    counts: VideoCounts,
    unit: Unit,
    *,
    cells: ViewerVideoCells | None = None,
    min_views: int = 1,
    method: Method | None = None,
    level: float = 0.95,
    pairs: Pairs = Pairs.AGAINST_CONTROL,
    planned_end_reached: bool = True,
) -> ComparisonSet:
    """Compare mCTR between arms by the honest test of the design, at a fixed horizon.

    Before the planned end the same numbers are marked as provisional: looking at them every day
    rejects a true null far more often than 1 - level (see sequential.py and group_sequential.py).

    Raises:
        DesignError, InputError: see estimate.
    """
    estimated = estimate(counts, unit, cells=cells, min_views=min_views, method=method)
    return ComparisonSet(
        unit=unit,
        method=estimated.mean_ctr.method,
        mode=Mode.FIXED_HORIZON if planned_end_reached else Mode.PROVISIONAL,
        inclusion=estimated.inclusion,
        comparisons=compare(estimated.mean_ctr, level=level, pairs=pairs),
    )


def summarise_arms(
    counts: VideoCounts,
    unit: Unit,
    *,
    cells: ViewerVideoCells | None = None,
    min_views: int = 1,
    level: float = 0.95,
) -> Summary:
    """Summarise every arm: mPV, mClick, mCTR and pooled CTR with intervals.

    With assignment by viewer and no sums by viewer the figures stand, and the intervals of the two
    CTRs are nan with the reason.

    Raises:
        InputError: see estimate.
    """
    if unit is Unit.VIEWER and cells is None:
        stand_in = estimate(counts, Unit.VIEWER_VIDEO, min_views=min_views)
        why = f"assignment by viewer {NEEDS_CELLS}"
        estimated = replace(
            stand_in,
            mean_ctr=_without_error(stand_in.mean_ctr, why),
            pooled_ctr=_without_error(stand_in.pooled_ctr, why),
        )
    else:
        estimated = estimate(counts, unit, cells=cells, min_views=min_views)
    return summarise(
        counts, estimated.inclusion, estimated.mean_ctr, estimated.pooled_ctr, level=level
    )


def _two_way(counts: VideoCounts, cells: ViewerVideoCells, unit: Unit, min_views: int) -> Estimated:
    coded = CodedCells.of(cells)
    summed = coded.counts()
    _check_same_data(counts, summed)
    inclusion = include_videos(counts.video_ids, counts.arms, counts.views, unit, min_views)
    kept = np.isin(summed.video_ids, counts.video_ids[inclusion.included])
    return Estimated(
        inclusion,
        two_way_mean_ctr(coded, summed, kept),
        two_way_pooled_ctr(coded, summed, kept),
    )


def _check_same_data(counts: VideoCounts, summed: VideoCounts) -> None:
    if counts.arms != summed.arms:
        raise InputError(f"cells.arms == {summed.arms}, must be those of counts, {counts.arms}")
    seen = counts.where(counts.views.sum(axis=1) > 0)
    order = np.argsort(seen.video_ids)
    ids, views, clicks = seen.video_ids[order], seen.views[order], seen.clicks[order]
    filled = summed.where(summed.views.sum(axis=1) > 0)
    same = np.array_equal(ids, filled.video_ids)
    if not same or not np.array_equal(views, filled.views):
        raise InputError(
            f"cells hold {filled.views.sum()} views of {filled.video_ids.size} videos, counts "
            f"{views.sum()} of {ids.size}: both must be of the same data, cell by cell"
        )
    if not np.array_equal(clicks, filled.clicks):
        raise InputError(
            f"cells hold {filled.clicks.sum()} clicks, counts {clicks.sum()}: "
            "both must be of the same data, cell by cell"
        )


def _without_error(means: ArmMeans, reason: str) -> ArmMeans:
    nothing = (("none", np.full_like(means.terms[0][1], np.nan)),)
    return replace(means, terms=nothing, reason=reason)
