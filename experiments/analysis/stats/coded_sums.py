"""Sums by (viewer, video, stratum, arm), numbered and sorted, as errors by viewer are made of.

Shape legend: S strata, V videos, K arms, P pairs of viewer and video, N rows.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from experiments.analysis.stats.records import (
    BoolArray,
    FloatArray,
    IntArray,
    StratifiedCounts,
    ViewerVideoSums,
)
from experiments.unit import Unit

DENSE = 4  # entries of the numbering table that a row may cost


@dataclass(frozen=True, slots=True, eq=False)
class CodedSums:
    """Sums with viewers and videos numbered from 0, sorted by (viewer, video, stratum, arm).

    Attributes:
        arms: (K,) keys.
        shares: of each arm in each stratum, (S, K).
        video_ids: the videos that the codes stand for, ascending, (V,).
        viewer: code of each row's viewer, (N,).
        video: code of each row's video, (N,).
        pair_starts: first row of each (viewer, video), (P,).
        stratum, arm, views, clicks: (N,).
        are_amounts: as in VideoCounts.
    """

    arms: tuple[str, ...]
    shares: FloatArray
    video_ids: IntArray
    viewer: IntArray
    video: IntArray
    pair_starts: IntArray
    stratum: IntArray
    arm: IntArray
    views: IntArray
    clicks: IntArray
    are_amounts: bool = False

    @classmethod
    def of(cls, sums: ViewerVideoSums) -> Self:
        """Return the sums numbered and sorted: O(N log N), a few arrays of N."""
        video_ids, video = numbered(sums.video_ids)
        _, viewer = numbered(sums.viewer_ids)
        strata, arms = sums.shares.shape
        pair = viewer * max(video_ids.size, 1) + video
        order = np.argsort((pair * strata + sums.stratum) * arms + sums.arm_index)
        pair = pair[order]
        starts = np.flatnonzero(np.diff(pair, prepend=-1))
        return cls(
            sums.arms,
            sums.shares,
            video_ids,
            viewer[order],
            video[order],
            starts,
            sums.stratum[order],
            sums.arm_index[order],
            sums.views[order],
            sums.clicks[order],
            sums.are_amounts,
        )

    @property
    def viewers(self) -> int:
        """How many viewers there are."""
        return int(self.viewer.max()) + 1 if self.viewer.size else 0

    def crossed(self, unit: Unit) -> tuple[int, int]:
        """Return how many units there are, and how many of them were seen in two arms.

        Args:
            unit: the viewer, or the viewer with a video.
        """
        if not self.viewer.size:
            return 0, 0
        starts = self.pair_starts
        if unit is Unit.VIEWER:
            starts = np.flatnonzero(np.diff(self.viewer, prepend=-1))
        low = np.minimum.reduceat(self.arm, starts)
        high = np.maximum.reduceat(self.arm, starts)
        return starts.size, int((low != high).sum())

    def counts(self) -> StratifiedCounts:
        """Return the views and clicks by stratum, video and arm, videos ascending by id."""
        place = (self.stratum * self.video_ids.size + self.video) * len(self.arms) + self.arm
        return _stratified(self, self.video_ids, place)

    def where(self, keep: BoolArray) -> ViewerVideoSums:
        """Return the rows for which `keep` (N,) is true, viewers named by their codes."""
        return ViewerVideoSums(
            self.viewer[keep],
            self.video_ids[self.video[keep]],
            self.stratum[keep],
            self.arm[keep],
            self.views[keep],
            self.clicks[keep],
            self.arms,
            self.shares,
            self.are_amounts,
        )

    def in_strata(self, place: IntArray, shares: FloatArray) -> Self:
        """Return the sums in other strata: `place` (S,) of each in `shares` (S', K)."""
        return replace(self, stratum=place[self.stratum], shares=shares)


def added_up(sums: ViewerVideoSums) -> StratifiedCounts:
    """Return the same as CodedSums.counts, without a sort: O(N)."""
    video_ids, video = numbered(sums.video_ids)
    place = (sums.stratum * video_ids.size + video) * len(sums.arms) + sums.arm_index
    return _stratified(sums, video_ids, place)


def _stratified(
    sums: CodedSums | ViewerVideoSums, video_ids: IntArray, place: IntArray
) -> StratifiedCounts:
    """Add rows up; `place` (N,) is each row's in the flat table by stratum, video and arm."""
    strata, arms = sums.shares.shape
    shape = (strata, video_ids.size, arms)

    def summed(values: IntArray) -> IntArray:
        # float64 sums of whole numbers are exact up to 2^53.
        added = np.bincount(place, weights=values, minlength=int(np.prod(shape)))
        return added.reshape(shape).astype(np.int64)

    views, clicks = summed(sums.views), summed(sums.clicks)
    return StratifiedCounts(video_ids, sums.arms, sums.shares, views, clicks, sums.are_amounts)


def numbered(ids: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct ids, ascending, and each row's place among them.

    Ids that are dense enough are numbered by a table, in one pass and without a sort.
    """
    if not ids.size:
        return ids, ids
    first, last = int(ids.min()), int(ids.max())
    if last - first >= DENSE * ids.size:
        distinct, places = np.unique(ids, return_inverse=True)
        return distinct, places
    seen = np.zeros(last - first + 1, dtype=bool)
    seen[ids - first] = True
    place = np.cumsum(seen) - 1
    return np.flatnonzero(seen) + first, place[ids - first]
