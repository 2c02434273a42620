"""Carry-over: whether the arm that a unit saw before changes what it clicks in its present arm.

A change of shares moves some units to another arm. Which ones is drawn, as the assignment itself
is: of the units of one arm in one span that were seen in one earlier span, those that were in
another arm then and those that were in this one differ by chance alone. So their click rates in the
present arm are compared, arm by arm, within pairs of an earlier span and the present one; where
nothing carries over they are equal. It is the first-order carry-over of cross-over trials (Grizzle
1965, Biometrics 21; Jones & Kenward 2014, section 2.3), with errors by viewer and video in place of
subjects; carry-over between online experiments is in Kohavi et al. 2012, section 3.5. It is a light
beside the report, and decides no analysis: choosing one by such a test errs too often (Freeman
1989, Statistics in Medicine 8).

Shape legend: N views.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.records import BoolArray, IntArray, ViewerVideoSums
from experiments.analysis.stats.results import ArmMeans
from experiments.unit import Unit

STAYED, MOVED = "this arm before", "another arm before"


@dataclass(frozen=True, slots=True, eq=False)
class ReturningViews:
    """Views by units that were seen in an earlier span.

    Attributes:
        viewer: number of the viewer, (N,).
        video: number of the video, (N,).
        spans: number of the pair of the earlier span and the present one, (N,).
        arm: present one, (N,).
        moved: whether the unit's last view in the earlier span was in another arm, (N,).
        clicked: (N,).
    """

    viewer: IntArray
    video: IntArray
    spans: IntArray
    arm: IntArray
    moved: BoolArray
    clicked: BoolArray

    @classmethod
    def of(
        cls,
        *,
        unit: IntArray,
        viewer: IntArray,
        video: IntArray,
        span: IntArray,
        arm: IntArray,
        clicked: BoolArray,
    ) -> Self:
        """Find them among all views, (M,) each, in the order of each unit's time.

        Args:
            unit: number of the randomised unit.
            viewer: of each view.
            video: of each view.
            span: of equal shares, ascending in time.
            arm: of each view.
            clicked: whether it was.
        """
        order = np.argsort(unit, kind="stable")
        unit, span, arm = unit[order], span[order], arm[order]
        starts = np.flatnonzero(np.diff(unit, prepend=-1) | np.diff(span, prepend=-1))
        run = np.repeat(np.arange(starts.size), np.diff(starts, append=unit.size))
        last_before = starts[run] - 1  # of the unit's run before, where that is of the same unit
        back = np.flatnonzero((last_before >= 0) & (unit[last_before] == unit))
        before, rows = last_before[back], order[back]
        width = int(span.max(initial=0)) + 1
        return cls(
            viewer=viewer[rows],
            video=video[rows],
            spans=span[before] * width + span[back],
            arm=arm[back],
            moved=arm[before] != arm[back],
            clicked=clicked[rows],
        )

    def where(self, keep: BoolArray) -> Self:
        """Return the views for which `keep` (N,) is true."""
        names = ("viewer", "video", "spans", "arm", "moved", "clicked")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the views of parts that have no viewer in common, each numbered from 0."""
        firsts = np.cumsum([0, *(int(part.viewer.max(initial=-1)) + 1 for part in parts)])
        viewers = [part.viewer + first for part, first in zip(parts, firsts, strict=False)]
        rest = [
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("video", "spans", "arm", "moved", "clicked")
        ]
        return cls(np.concatenate(viewers), *rest)


@dataclass(frozen=True, slots=True, eq=False)
class CarryOver:
    """The click rate of one arm by the arm that its units saw before.

    Attributes:
        arm: its column.
        views, clicks: of units that saw this arm before, and of those that saw another.
        means: pooled CTR of both, STAYED first, within spans, with the error by viewer and video.
    """

    arm: int
    views: tuple[int, int]
    clicks: tuple[int, int]
    means: ArmMeans


def carry_over(found: ReturningViews) -> tuple[CarryOver, ...]:
    """Return what was seen before in every arm that has units of both kinds."""
    by_arm = ((arm, found.where(found.arm == arm)) for arm in np.unique(found.arm).tolist())
    return tuple(
        _of_arm(arm, rows) for arm, rows in by_arm if 0 < rows.moved.sum() < rows.moved.size
    )


def _of_arm(arm: int, rows: ReturningViews) -> CarryOver:
    spans, stratum = np.unique(rows.spans, return_inverse=True)
    moved = rows.moved.astype(np.int64)
    sums = ViewerVideoSums(
        viewer_ids=rows.viewer,
        video_ids=rows.video,
        stratum=stratum,
        arm_index=moved,
        views=np.ones_like(moved),
        clicks=rows.clicked.astype(np.int64),
        arms=(STAYED, MOVED),
        # Each pair of spans is a stratum of its own: the shares only have to tell them apart.
        shares=np.stack([np.ones(spans.size), np.arange(1.0, spans.size + 1)], axis=1),
    )
    return CarryOver(
        arm,
        _pair(np.bincount(moved, minlength=2)),
        _pair(np.bincount(moved, sums.clicks, minlength=2)),
        estimate(sums, Unit.VIEWER).pooled_ctr,
    )


def _pair(counts: np.ndarray) -> tuple[int, int]:
    stayed, moved = counts.astype(int).tolist()
    return stayed, moved
