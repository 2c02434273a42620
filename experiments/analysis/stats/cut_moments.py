"""Clicks and views by slice of a cut, with the second moments that the errors of slices need.

A cut divides views into slices, such as kinds of screen. The error of an arm's rate in a slice is
made of scores that are linear in a cluster's clicks and views, and their weights are known only
when all views have been seen. So what is added up, part by part, is Σ zz' over the clusters, with z
a cluster's views and clicks in every cell; the scores' squares are a quadratic form of it.

Shape legend: N rows, V videos, L slices, S strata, K arms, D = L S K cells.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SlicedViews:
    """Views of some of the viewers, one a row.

    Attributes:
        viewer: code of the viewer, from 0 and none left out, (N,).
        pair: code of the viewer with the video, likewise, (N,).
        video: place among all videos, (N,).
        stratum, arm: places, (N,).
        slice: place among the slices of the cut, (N,).
        clicked: bool (N,).
    """

    viewer: IntArray
    pair: IntArray
    video: IntArray
    stratum: IntArray
    arm: IntArray
    slice: IntArray
    clicked: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class CutMoments:
    """What is added up of a cut.

    Attributes:
        shape: (L, S, K).
        by_video: views and clicks of each video in each cell, int64 (V, 2, L, S, K).
        of_viewers: Σ zz' over viewers, float64 (2 D, 2 D); whole numbers, exact up to 2^53.
        of_pairs: the same over viewers with a video.
        viewers: how many there are.
    """

    shape: tuple[int, int, int]
    by_video: IntArray
    of_viewers: FloatArray
    of_pairs: FloatArray
    viewers: int

    @classmethod
    def none(cls, videos: int, shape: tuple[int, int, int]) -> Self:
        """Return that of no view yet."""
        size = 2 * int(np.prod(shape))
        squares = np.zeros((2, size, size))
        return cls(shape, np.zeros((videos, 2, *shape), np.int64), squares[0], squares[1], 0)

    @property
    def totals(self) -> IntArray:
        """Views and clicks of all videos, (2, L, S, K)."""
        return np.asarray(self.by_video.sum(axis=0))

    def plus(self, rows: SlicedViews) -> Self:
        """Return it with one more part of the views; every viewer is wholly in one part."""
        videos = len(self.by_video)
        added = self._summed(rows, rows.video, videos).toarray()
        return type(self)(
            self.shape,
            self.by_video + added.astype(np.int64).reshape(self.by_video.shape),
            self.of_viewers + _squares(self._summed(rows, rows.viewer)),
            self.of_pairs + _squares(self._summed(rows, rows.pair)),
            self.viewers + int(rows.viewer.max(initial=-1)) + 1,
        )

    def _summed(
        self, rows: SlicedViews, cluster: IntArray, clusters: int | None = None
    ) -> "scipy.sparse.csr_matrix":
        """Return the views and clicks of each cluster in each cell, sparse (clusters, 2 D)."""
        _, strata, arms = self.shape
        cells = int(np.prod(self.shape))
        cell = (rows.slice * strata + rows.stratum) * arms + rows.arm
        clicked = rows.clicked
        row = np.concatenate([cluster, cluster[clicked]])
        column = np.concatenate([cell, cells + cell[clicked]])
        many = int(cluster.max(initial=-1)) + 1 if clusters is None else clusters
        return scipy.sparse.csr_matrix((np.ones(row.size), (row, column)), (many, 2 * cells))


def _squares(sums: "scipy.sparse.csr_matrix") -> FloatArray:
    return np.asarray((sums.T @ sums).toarray())
