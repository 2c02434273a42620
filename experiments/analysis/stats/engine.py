"""The door of the room: given the design and the counts, the honest test.

Which unit is randomised decides which error is right. Paired by video is honest where the arms of
a video are dealt out independently of the viewer's other videos, two-way errors are honest
wherever sums by viewer are at hand, and with whole videos assigned only the spread between videos
is left. Where the arms' shares changed, all of them compare within spans of equal shares only
(standardise.py).
"""

from dataclasses import dataclass, replace
from typing import Self

from experiments.analysis.stats.coded_sums import CodedSums, added_up
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.inclusion import include_group
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.pooled import pooled_means
from experiments.analysis.stats.records import (
    StratifiedCounts,
    VideoCounts,
    ViewerVideoSums,
    ratio_or_nan,
)
from experiments.analysis.stats.results import (
    ArmMeans,
    Estimated,
    EstimatedMeans,
    Inclusion,
    Method,
)
from experiments.analysis.stats.standardise import (
    Columns,
    assigned_columns,
    groups,
    joined,
    paired_columns,
)
from experiments.analysis.stats.two_way import two_way_mean_ctr, two_way_pooled_ctr
from experiments.analysis.stats.welch import between_means
from experiments.unit import Unit

HONEST: dict[Unit, tuple[Method, ...]] = {
    Unit.VIEWER_VIDEO: (Method.TWO_WAY, Method.PAIRED_BY_VIDEO),
    Unit.IMPRESSION: (Method.TWO_WAY, Method.PAIRED_BY_VIDEO),
    Unit.VIEWER: (Method.TWO_WAY,),
    Unit.VIDEO: (Method.WELCH,),
}
NEEDS_SUMS = "needs sums by viewer and video: pass a ViewerVideoSums record"


Data = VideoCounts | StratifiedCounts | ViewerVideoSums


def honest_method(unit: Unit, *, with_sums: bool, wanted: Method | None = None) -> Method:
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
    usable = [m for m in honest if with_sums or m is not Method.TWO_WAY]
    if not usable or (wanted is Method.TWO_WAY and not with_sums):
        raise DesignError(f"unit == {unit.value!r} with {Method.TWO_WAY.value!r} {NEEDS_SUMS}")
    return wanted or usable[0]


def estimate(
    data: Data, unit: Unit, *, min_views: int = 1, method: Method | None = None
) -> Estimated:
    """Return the arm means of an experiment with the errors that its design calls for.

    Args:
        data: views and clicks by video and arm; with sums by viewer the default is the two-way
            error.
        unit: what was randomised.
        min_views: a video counts where every compared arm has at least this many views.
        method: a test to insist on.

    Raises:
        DesignError: see honest_method.
    """
    ready = _Ready.of(data, unit, min_views, method)
    return Estimated(ready.counts.total(), ready.inclusion, ready.mean_ctr(), ready.pooled_ctr())


def estimate_means(data: Data, unit: Unit, *, min_views: int = 1) -> EstimatedMeans:
    """Return what `estimate` does without pooled CTR, in half the time."""
    ready = _Ready.of(data, unit, min_views, None)
    return EstimatedMeans(ready.counts.total(), ready.inclusion, ready.mean_ctr())


def estimate_mean_ctr(
    data: Data, unit: Unit, *, min_views: int = 1, method: Method | None = None
) -> ArmMeans:
    """Return the mCTR of `estimate` alone: for who looks at every day."""
    return _Ready.of(data, unit, min_views, method).mean_ctr()


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """What an estimate is made of; `sums` only where errors are by viewer."""

    counts: StratifiedCounts
    inclusion: Inclusion
    columns: Columns
    method: Method
    sums: CodedSums | None

    @classmethod
    def of(cls, data: Data, unit: Unit, min_views: int, wanted: Method | None) -> Self:
        by_viewer = isinstance(data, ViewerVideoSums)
        method = honest_method(unit, with_sums=by_viewer, wanted=wanted)
        sums = CodedSums.of(data) if isinstance(data, ViewerVideoSums) else None
        counts, place = joined(sums.counts() if sums else as_strata(data))
        sums = sums.in_strata(place, counts.shares) if sums and method is Method.TWO_WAY else None
        return cls(counts, *compared(counts, unit, min_views), method, sums)

    def mean_ctr(self) -> ArmMeans:
        if self.sums:
            return two_way_mean_ctr([self.sums], self.counts, self.columns)
        return _over_videos(self.counts.arms, self.columns, self.method)

    def pooled_ctr(self) -> ArmMeans:
        if self.sums:
            return two_way_pooled_ctr(self.sums, self.counts, self.columns)
        return pooled_means(self.counts.arms, self.columns, self.method)


def compared(counts: StratifiedCounts, unit: Unit, min_views: int) -> tuple[Inclusion, Columns]:
    """Return the videos that count for the largest group of arms, and the columns of all groups."""
    found = groups(counts.shares)
    inclusions = [include_group(counts, group, unit, min_views) for group in found]
    included = [inclusion.included for inclusion in inclusions]
    if unit is Unit.VIDEO:
        return inclusions[0], assigned_columns(counts, found, included, min_views)
    return inclusions[0], paired_columns(counts, found, included)


def as_strata(data: Data) -> StratifiedCounts:
    """Return views and clicks by stratum, video and arm, whatever they are given by."""
    if isinstance(data, VideoCounts):
        return StratifiedCounts.constant(data)
    return data if isinstance(data, StratifiedCounts) else added_up(data)


def _over_videos(arms: tuple[str, ...], columns: Columns, method: Method) -> ArmMeans:
    names = tuple(arms[arm] for arm in columns.arms)
    if method is Method.WELCH:
        ratios = ratio_or_nan(columns.clicks, columns.views)
        means = between_means(names, ratios, columns.expected_events, columns.weights)
    else:
        means = paired_means(names, columns.ctr, columns.expected_events)
    return replace(means, baselines=columns.baselines, effective_views=columns.mean_effective_views)
