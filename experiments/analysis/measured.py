"""Measures as they were read, by phase, video and arm, or by viewer too, and metrics of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.errors import CoverliftError
from experiments.metrics import Metric


class UnusableMetricError(CoverliftError):
    """A metric that its measures do not give; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Measures by phase, video and arm: P phases, V videos, K arms.

    Attributes:
        layout: of the experiment.
        video_ids: distinct, ascending, int64 (V,).
        measures: by name, int64 (P, V, K); None for what was not counted on every day.
    """

    layout: Layout
    video_ids: IntArray
    measures: Mapping[str, IntArray | None]

    @classmethod
    def of_rows(
        cls,
        layout: Layout,
        video_ids: IntArray,
        cells: IntArray,
        measures: Mapping[str, IntArray | None],
    ) -> Self:
        """Add up N rows, each of a cell and a video.

        Args:
            layout: of the experiment.
            video_ids: (N,).
            cells: (N,).
            measures: by name, (N,); None for what was not counted on every day.
        """
        ids, shape, place = _places(layout, video_ids, cells)
        found = {
            name: None if values is None else _added_up(values, place, shape)
            for name, values in measures.items()
        }
        return cls(layout, ids, found)

    def of(self, metric: Metric) -> StratifiedCounts:
        """Return a metric's counts, its denominator as views and its numerator as clicks.

        Raises:
            UnusableMetricError: where one was not counted, or the part is more than the whole.
        """
        layout, (whole, part) = self.layout, _parts(metric, self.measures)
        return StratifiedCounts(
            self.video_ids, layout.names, layout.shares, whole, part, metric.is_amount
        )

    def by_video(self) -> Iterator[tuple[int, int, dict[str, int | None]]]:
        """Yield the measures of each video and arm: its primary key, the arm's index, and them."""
        totals = {
            name: None if table is None else table.sum(axis=0).tolist()
            for name, table in self.measures.items()
        }
        for i, video in enumerate(self.video_ids.tolist()):
            for j, arm in enumerate(self.layout.arms):
                found = {name: total[i][j] if total else None for name, total in totals.items()}
                yield video, arm.index, found


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredByViewer:
    """Measures by viewer, cell and video, N rows.

    Attributes:
        layout: of the experiment.
        viewer_ids: int64 (N,).
        video_ids: int64 (N,).
        cells: int64 (N,).
        measures: by name, int64 (N,).
    """

    layout: Layout
    viewer_ids: IntArray
    video_ids: IntArray
    cells: IntArray
    measures: Mapping[str, IntArray]

    def of(self, metric: Metric) -> ViewerVideoSums:
        """Return a metric's sums, its denominator as views and its numerator as clicks.

        Raises:
            UnusableMetricError: where the part is more than the whole.
        """
        views, clicks = _parts(metric, self.measures)
        phase, arm = self.layout.places(self.cells)
        some = views > 0  # who was served and saw nothing is no viewer
        return ViewerVideoSums(
            viewer_ids=self.viewer_ids[some],
            video_ids=self.video_ids[some],
            stratum=phase[some],
            arm_index=arm[some],
            views=views[some],
            clicks=clicks[some],
            arms=self.layout.names,
            shares=self.layout.shares,
            are_amounts=metric.is_amount,
        )


def _parts(metric: Metric, measures: Mapping[str, IntArray | None]) -> tuple[IntArray, IntArray]:
    whole, part = measures[metric.denominator], measures[metric.numerator]
    if whole is None or part is None:
        raise UnusableMetricError(
            "it was not counted on some days; `manage.py recount` counts them from their events"
        )
    if metric.is_amount:
        return whole, np.where(whole > 0, part, 0)  # what was told of no view is of none
    if metric.proves:
        whole = np.maximum(whole, part)
    if metric.lacks:
        part = whole - part
    if np.any(part > whole):
        raise UnusableMetricError(
            f"{np.sum(part > whole)} counts have more {metric.numerator} than "
            f"{metric.denominator}, of which they should be a part"
        )
    return whole, part


def stratified(layout: Layout, rows: IntArray, videos: IntArray | None = None) -> StratifiedCounts:
    """Add views and clicks up by phase, video and arm.

    Args:
        layout: of the experiment.
        rows: video, cell, views and clicks of each count, int64 (4, N).
        videos: that the result has, ascending, (V,); those of the rows where None.
    """
    video_ids, cells, views, clicks = rows
    ids, shape, place = _places(layout, video_ids, cells, videos)
    return StratifiedCounts(
        ids,
        layout.names,
        layout.shares,
        views=_added_up(views, place, shape),
        clicks=_added_up(clicks, place, shape),
    )


def _places(
    layout: Layout, video_ids: IntArray, cells: IntArray, videos: IntArray | None = None
) -> tuple[IntArray, tuple[int, int, int], IntArray]:
    """Return the distinct videos, the shape (P, V, K) of a table, and each row's place in it."""
    ids = np.unique(video_ids) if videos is None else videos
    phase, arm = layout.places(cells)
    phases, arms = layout.shares.shape
    shape = phases, ids.size, arms
    place = np.ravel_multi_index((phase, np.searchsorted(ids, video_ids), arm), shape)
    return ids, shape, place


def _added_up(values: IntArray, place: IntArray, shape: tuple[int, int, int]) -> IntArray:
    # float64 sums of whole numbers are exact up to 2^53.
    sums = np.bincount(place, weights=values, minlength=prod(shape))
    return sums.astype(np.int64).reshape(shape)
