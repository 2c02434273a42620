"""Measures as they were read: a row a cell and video, or a viewer too, and metrics out of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.errors import CoverliftError
from experiments.metrics import Metric


class UnusableMetricError(CoverliftError):
    """A metric that its measures do not give; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Measures by cell and video, N rows.

    Attributes:
        layout: of the experiment.
        video_ids: int64 (N,).
        cells: int64 (N,).
        measures: by name, int64 (N,); None for what was not counted on every day.
    """

    layout: Layout
    video_ids: IntArray
    cells: IntArray
    measures: Mapping[str, IntArray | None]

    def of(self, metric: Metric) -> StratifiedCounts:
        """Return a metric's counts, its denominator as views and its numerator as clicks.

        Raises:
            UnusableMetricError: where one was not counted, or the part is more than the whole.
        """
        rows = np.stack([self.video_ids, self.cells, *_parts(metric, self.measures)])
        return stratified(self.layout, rows, are_amounts=metric.is_amount)

    def by_video(self) -> Iterator[tuple[int, int, dict[str, int | None]]]:
        """Yield the measures of each video and arm: its primary key, the arm's index, and them."""
        videos, row = np.unique(self.video_ids, return_inverse=True)
        place = row, self.layout.places(self.cells)[1]
        tables = {}
        for name, values in self.measures.items():
            if values is not None:
                tables[name] = np.zeros((len(videos), len(self.layout.arms)), np.int64)
                np.add.at(tables[name], place, values)
        for i, video in enumerate(videos.tolist()):
            for j, arm in enumerate(self.layout.arms):
                found = {name: int(table[i, j]) for name, table in tables.items()}
                yield video, arm.index, dict.fromkeys(self.measures) | found


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


def stratified(
    layout: Layout,
    rows: IntArray,
    videos: IntArray | None = None,
    *,
    are_amounts: bool = False,
) -> StratifiedCounts:
    """Add views and clicks up by phase, video and arm.

    Args:
        layout: of the experiment.
        rows: video, cell, views and clicks of each count, int64 (4, N).
        videos: that the result has, ascending, (V,); those of the rows where None.
        are_amounts: whether clicks are amounts, and no part of the views.
    """
    video_ids, cells, *counts = rows
    ids = np.unique(video_ids) if videos is None else videos
    phase, arm = layout.places(cells)
    place = phase, np.searchsorted(ids, video_ids), arm
    phases, arms = layout.shares.shape
    views, clicks = np.zeros((2, phases, len(ids), arms), dtype=np.int64)
    for table, values in zip((views, clicks), counts, strict=True):
        np.add.at(table, place, values)
    return StratifiedCounts(ids, layout.names, layout.shares, views, clicks, are_amounts)
