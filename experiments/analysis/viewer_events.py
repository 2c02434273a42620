"""Events of some viewers, sorted by viewer and time, and what is added up of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from experiments.analysis.layout import Layout
from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.records import BoolArray, IntArray, StratifiedCounts
from experiments.events.keys import key_step
from experiments.events.scan import Rows
from experiments.measures import Step


@dataclass(frozen=True, slots=True, eq=False)
class ViewerEvents:
    """Views and clicks net of suspects, sorted by viewer and time, N rows.

    Attributes:
        viewer: code of the viewer, from 0 in the order of their numbers, (N,).
        key: of the event, with the time and the step, (N,).
        video: primary key, (N,).
        cell: (N,).
        context: position and device, (N,).
    """

    viewer: IntArray
    key: IntArray
    video: IntArray
    cell: IntArray
    context: IntArray

    @classmethod
    def of(cls, rows: Rows) -> Self:
        """Take rows as they are stored, keys ascending."""
        numbers = rows["viewer"].astype(np.int64)
        order = np.argsort(numbers, kind="stable")
        names = ("key", "video", "cell", "context")
        columns = (rows[name].astype(np.int64)[order] for name in names)
        return cls(_codes(numbers[order]), *columns)

    @property
    def is_click(self) -> BoolArray:
        """Whether each is a click, (N,)."""
        return np.asarray(key_step(self.key) == Step.CLICK)

    @property
    def pair(self) -> IntArray:
        """The viewer with the video, as one number, (N,)."""
        return self.viewer * (int(self.video.max(initial=0)) + 1) + self.video

    def of_layout(self, layout: Layout) -> Self:
        """Return those of an experiment, whose viewers are numbered by themselves."""
        known = np.isin(self.cell, list(layout.cells))
        return self if known.all() else self.where(known)

    def where(self, keep: BoolArray) -> Self:
        """Return the rows for which `keep` (N,) is true."""
        columns = (values[keep] for values in (self.key, self.video, self.cell, self.context))
        return type(self)(_codes(self.viewer[keep]), *columns)

    def sums(self, layout: Layout, counts: StratifiedCounts, place: IntArray) -> CodedSums:
        """Return views and clicks by (viewer, video, stratum, arm).

        One number holds all of these and whether it is a click, so that one sort of it is all.

        Args:
            layout: of the experiment whose events these are.
            counts: of all parts together; their videos give the codes, their strata the places.
            place: of each phase among the strata.

        Raises:
            UnusableMetricError: where one has more clicks than views.
        """
        event = self._group(layout, counts, place) * 2 + self.is_click
        event.sort()
        group = event >> 1
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        clicks = np.add.reduceat(event & 1, starts) if starts.size else starts
        views = np.diff(starts, append=event.size) - clicks
        return _coded(counts, group[starts], views, clicks)

    def sums_at_looks(
        self, layout: Layout, counts: StratifiedCounts, place: IntArray, ends: IntArray
    ) -> Iterator[CodedSums]:
        """Yield the sums of what was there at each look: one sort does for all.

        Args:
            layout: of the experiment whose events these are.
            counts: of all looks and all parts together, as for `sums`.
            place: of each phase among the strata.
            ends: the key before which each look ends, ascending, (L,).
        """
        groups, group = np.unique(self._group(layout, counts, place), return_inverse=True)
        look, is_click = np.searchsorted(ends, self.key, side="right"), self.is_click
        order = np.argsort(look, kind="stable")
        bounds = np.searchsorted(look[order], np.arange(ends.size + 1))
        views, clicks = np.zeros((2, groups.size), np.int64)
        for start, end in pairwise(bounds.tolist()):
            new = order[start:end]
            clicked = is_click[new]
            views += np.bincount(group[new[~clicked]], minlength=groups.size)
            clicks += np.bincount(group[new[clicked]], minlength=groups.size)
            seen = (views > 0) | (clicks > 0)
            yield _coded(counts, groups[seen], views[seen], clicks[seen])

    def _group(self, layout: Layout, counts: StratifiedCounts, place: IntArray) -> IntArray:
        """Return the viewer, video, stratum and arm of each event as one number, (N,)."""
        (strata, arms), videos = counts.shares.shape, counts.video_ids.size
        phase, arm = layout.places(self.cell)
        pair = self.viewer * videos + places_of(counts.video_ids, self.video)
        return np.asarray((pair * strata + place[phase]) * arms + arm)


def _coded(
    counts: StratifiedCounts, group: IntArray, views: IntArray, clicks: IntArray
) -> CodedSums:
    """Return views and clicks (G,) by their groups, ascending, viewers numbered anew.

    Raises:
        UnusableMetricError: where one has more clicks than views.
    """
    _refuse_more_clicks(views, clicks)
    (strata, arms), videos = counts.shares.shape, max(counts.video_ids.size, 1)
    pair, cell = np.divmod(group, strata * arms)
    return CodedSums(
        arms=counts.arms,
        shares=counts.shares,
        video_ids=counts.video_ids,
        viewer=_codes(pair // videos),
        video=pair % videos,
        pair_starts=np.flatnonzero(np.diff(pair, prepend=-1)),
        stratum=cell // arms,
        arm=cell % arms,
        views=views,
        clicks=clicks,
    )


def places_of(ids: IntArray, values: IntArray) -> IntArray:
    """Return the place of each value, (N,), among ids, ascending, (V,): by a table, in one look."""
    table = np.zeros(int(ids.max(initial=0)) + 1, dtype=np.int64)
    table[ids] = np.arange(ids.size)
    return table[values]


def longer_sum(one: IntArray, other: IntArray) -> IntArray:
    """Return the sum of two arrays from their first entries on, as long as the longer."""
    short, long = sorted((one, other), key=len)
    total = long.copy()
    total[: short.size] += short
    return total


def _codes(ascending: IntArray) -> IntArray:
    """Return numbers from 0, none left out, for numbers in order."""
    return np.asarray(np.cumsum(np.diff(ascending, prepend=ascending[:1]) != 0))


def _refuse_more_clicks(views: IntArray, clicks: IntArray) -> None:
    if np.any(clicks > views):
        raise UnusableMetricError(
            f"{np.sum(clicks > views)} sums by viewer, video and arm have more clicks than views"
        )
