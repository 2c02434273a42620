"""Errors clustered by viewer and by video at once, from sums by (viewer, video, arm).

Cameron, Gelbach & Miller (2011), eq. 2.10; for click experiments Bakshy & Eckles (2013):

    var = Σ_viewer (Σ s)² + Σ_video (Σ s)² - Σ_(viewer, video) (Σ s)²

with s the linearised score of an impression: (y - p_k) / n_k for pooled CTR and
(y - c_kv) / (n_kv V) for mCTR. The mCTR scores of one video sum to zero, so for mCTR the video term
is what the between-video spread of c_kv says (videos are a sample); with no correlation between
videos the whole is then exactly the paired-by-video variance.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.stats.contrast import expected_events
from experiments.analysis.stats.records import (
    BoolArray,
    FloatArray,
    IntArray,
    VideoCounts,
    ViewerVideoSums,
    ratio_or_nan,
)
from experiments.analysis.stats.results import ArmMeans, Method

DENSE = 4  # entries of the numbering table that a row may cost


@dataclass(frozen=True, slots=True, eq=False)
class CodedSums:
    """Sums with viewers and videos numbered from 0, sorted by (viewer, video).

    Attributes:
        arms: (K,) keys.
        video_ids: the videos that the codes stand for, ascending, (V,).
        viewer: code of each row's viewer, (N,).
        video: code of each row's video, (N,).
        pair_starts: first row of each (viewer, video), (P,).
        arm, views, clicks: (N,).
    """

    arms: tuple[str, ...]
    video_ids: IntArray
    viewer: IntArray
    video: IntArray
    pair_starts: IntArray
    arm: IntArray
    views: IntArray
    clicks: IntArray

    @classmethod
    def of(cls, sums: ViewerVideoSums) -> Self:
        """Return the sums numbered and sorted: O(N log N), a few arrays of N."""
        video_ids, video = numbered(sums.video_ids)
        _, viewer = numbered(sums.viewer_ids)
        pair = viewer * max(video_ids.size, 1) + video
        order = np.argsort(pair)
        pair = pair[order]
        starts = np.flatnonzero(np.diff(pair, prepend=-1))
        return cls(
            sums.arms,
            video_ids,
            viewer[order],
            video[order],
            starts,
            sums.arm_index[order],
            sums.views[order],
            sums.clicks[order],
        )

    @property
    def viewers(self) -> int:
        """How many viewers there are."""
        return int(self.viewer.max()) + 1 if self.viewer.size else 0

    def counts(self) -> VideoCounts:
        """Return the views and clicks by video and arm, videos ascending by id."""
        videos, arms = self.video_ids.size, len(self.arms)
        place = self.video * arms + self.arm

        def summed(values: IntArray) -> IntArray:
            # float64 sums of whole numbers are exact up to 2^53.
            added = np.bincount(place, weights=values, minlength=videos * arms)
            return added.reshape(videos, arms).astype(np.int64)

        return VideoCounts(self.video_ids, self.arms, summed(self.views), summed(self.clicks))


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


def two_way_mean_ctr(sums: CodedSums, counts: VideoCounts, included: BoolArray) -> ArmMeans:
    """Return mCTR of each arm with two-way errors.

    Args:
        sums: coded.
        counts: `sums.counts()`.
        included: the videos that count, (V,).
    """
    return two_way_in_parts([sums], counts, included)


def two_way_in_parts(
    parts: Iterable[CodedSums], counts: VideoCounts, included: BoolArray
) -> ArmMeans:
    """Return mCTR of each arm with two-way errors, from sums that come part by part.

    Args:
        parts: coded sums, every viewer wholly in one part.
        counts: the views and clicks of all parts together.
        included: the videos that count, (V,).
    """
    videos = int(included.sum())
    ctr = counts.ctr
    per_view = np.nan_to_num(ratio_or_nan(np.ones_like(counts.views), counts.views))
    scale = included[:, None] * per_view / max(videos, 1)  # 1 / (n_kv V), 0 for videos left out
    arms = len(counts.arms)
    squares, viewers = _Squares(*np.zeros((3, arms, arms))), 0
    for sums in parts:
        at = np.searchsorted(counts.video_ids, sums.video_ids)
        squares = squares.plus(_score_terms(sums, np.nan_to_num(ctr)[at], scale[at]))
        viewers += sums.viewers
    between = np.full((arms, arms), np.nan)
    if videos > 1:
        between = np.cov(ctr[included], rowvar=False) / videos
    means = ctr[included].mean(axis=0) if videos else np.full(arms, np.nan)
    events = expected_events(
        counts.clicks[included].sum(axis=0), counts.views[included].sum(axis=0)
    )
    whole = replace(squares, video=between)
    return _arm_means(counts.arms, means, whole, (viewers, videos), events)


def two_way_pooled_ctr(sums: CodedSums, counts: VideoCounts, included: BoolArray) -> ArmMeans:
    """Return pooled CTR of each arm with two-way errors; arguments as for two_way_mean_ctr."""
    totals = counts.views[included].sum(axis=0)
    clicks = counts.clicks[included].sum(axis=0)
    pooled = ratio_or_nan(clicks, totals)
    per_view = np.nan_to_num(ratio_or_nan(np.ones_like(totals), totals))
    centre = np.broadcast_to(np.nan_to_num(pooled), counts.views.shape)
    scale = np.where(included[:, None], per_view, 0.0)
    squares = _score_terms(sums, centre, scale)
    videos = int(included.sum())
    correction = videos / (videos - 1) if videos > 1 else np.nan
    squares = replace(squares, video=squares.video * correction)
    events = expected_events(clicks, totals)
    return _arm_means(sums.arms, pooled, squares, (sums.viewers, videos), events)


@dataclass(frozen=True, slots=True, eq=False)
class _Squares:
    """Σ ss' (K, K) over viewers, over videos and over (viewer, video) pairs."""

    viewer: FloatArray
    video: FloatArray
    pair: FloatArray

    def plus(self, other: Self) -> Self:
        """Return the sums of both."""
        return replace(
            self,
            viewer=self.viewer + other.viewer,
            video=self.video + other.video,
            pair=self.pair + other.pair,
        )


def _score_terms(sums: CodedSums, centre: FloatArray, scale: FloatArray) -> _Squares:
    """Return the squares of the scores.

    A row's score is (x - centre_kv n) scale_kv, of its own arm.
    """
    arms = len(sums.arms)
    at = sums.video * arms + sums.arm
    scores = (sums.clicks - centre.ravel()[at] * sums.views) * scale.ravel()[at]
    by_arm = [np.where(sums.arm == arm, scores, 0.0) for arm in range(arms)]
    viewers = [np.bincount(sums.viewer, weights=s) for s in by_arm]
    videos = [np.bincount(sums.video, weights=s) for s in by_arm]
    # reduceat wants at least one row; a record without rows has no pairs either.
    pairs = [np.add.reduceat(s, sums.pair_starts) if s.size else s for s in by_arm]
    return _Squares(_products(viewers), _products(videos), _products(pairs))


def _products(columns: list[NDArray[Any]]) -> FloatArray:
    return np.array([[left @ right for right in columns] for left in columns])


def _arm_means(
    arms: tuple[str, ...],
    means: FloatArray,
    squares: _Squares,
    clusters: tuple[int, int],
    events: FloatArray,
) -> ArmMeans:
    viewers, videos = clusters
    reason, known = "", 0.0
    if min(viewers, videos) < 2:
        reason = f"{viewers} viewers and {videos} videos: at least two of each are needed"
        known = np.nan
    terms = (
        ("viewers and videos", squares.viewer + squares.video - squares.pair + known),
        ("videos", squares.video + known),
        ("viewers", squares.viewer + known),
    )
    return ArmMeans(
        arms=arms,
        means=means,
        terms=terms,
        df=float(max(min(viewers, videos) - 1, 0)),
        df_by_arm=None,
        videos=np.full(len(arms), videos),
        events=events,
        method=Method.TWO_WAY,
        reason=reason,
    )
