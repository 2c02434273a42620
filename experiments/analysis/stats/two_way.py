"""Errors clustered by viewer and by video at once, from sums by (viewer, video, arm).

Cameron, Gelbach & Miller (2011), eq. 2.10; for click experiments Bakshy & Eckles (2013):

    var = Σ_viewer (Σ s)² + Σ_video (Σ s)² - Σ_(viewer, video) (Σ s)²

with s the linearised score of an impression: (y - p_ks) W_s / n_ks for pooled CTR and
(y - c_ksv) w_sv / (n_ksv V) for mCTR, with the mix of strata of standardise.py. The mCTR scores of
one video sum to zero, so for mCTR the video term is what the between-video spread of c̃_kv says
(videos are a sample); with no correlation between videos the whole is then exactly the
paired-by-video variance. With few videos the viewers alone are the sample: Σ_viewer (Σ s)², the
delta method for a difference of ratios over units; the sentence is about these very videos.

Shape legend: S strata, V videos, K arms, C columns, N rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.stats.contrast import contrast
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.pooled import pooled_means, pooled_scale
from experiments.analysis.stats.records import (
    BoolArray,
    FloatArray,
    IntArray,
    StratifiedCounts,
    ViewerVideoSums,
    ratio_or_zero,
)
from experiments.analysis.stats.results import ArmMeans, Method, Scope
from experiments.analysis.stats.standardise import Columns
from experiments.unit import Unit

# Below so many videos their spread says little (t with fewer than nine degrees of freedom), and
# people ask of these very videos; from there on the videos are a sample.
FEW_VIDEOS = 10
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
    return StratifiedCounts(video_ids, sums.arms, sums.shares, views, clicks)


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


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A mean of each column, and the scores of impressions that its error is made of.

    The score of x clicks in n views of stratum s, video v and the column's arm is
    (x - centre n) scale.

    Attributes:
        centre, scale: (S, V, C).
        by_video: the same means with the error that the spread between videos says.
    """

    centre: FloatArray
    scale: FloatArray
    by_video: ArmMeans


def two_way_mean_ctr(
    parts: Iterable[CodedSums], counts: StratifiedCounts, columns: Columns
) -> ArmMeans:
    """Return mCTR of each column with two-way errors; the score is (x - c_ksv n) w_sv / (n_ksv V).

    Args:
        parts: coded sums, every viewer wholly in one part.
        counts: the views and clicks of all parts together.
        columns: what is estimated of them.
    """
    names = tuple(counts.arms[arm] for arm in columns.arms)
    by_video = replace(
        paired_means(names, columns.ctr, columns.expected_events),
        effective_views=columns.mean_effective_views,
    )
    per_view = ratio_or_zero(columns.mix, columns.views)
    linear = Linear(columns.cell_ctr, per_view / np.maximum(by_video.videos, 1), by_video)
    return _arm_means(linear, parts, counts, columns)


def two_way_pooled_ctr(sums: CodedSums, counts: StratifiedCounts, columns: Columns) -> ArmMeans:
    """Return pooled CTR of each column with two-way errors; the score is (x - p_ks n) W_s / n_ks.

    Args:
        sums: the coded sums, whole.
        counts: their views and clicks.
        columns: what is estimated of them.
    """
    centre = np.broadcast_to(columns.pooled_cell_ctr[:, None], columns.mix.shape)
    scale = np.where(columns.mix > 0, pooled_scale(columns)[:, None], 0.0)
    by_video = pooled_means(counts.arms, columns, Method.TWO_WAY)
    return _arm_means(Linear(centre, scale, by_video), [sums], counts, columns)


def inflation(two_way: ArmMeans, paired: ArmMeans) -> float:
    """Return how many times the paired variance the two-way one is, the most of all comparisons.

    At least 1: where viewers add nothing, chance alone makes the two-way one smaller at times.
    Viewers who watch much and differ in taste add to it; then the paired test rejects too often.

    Args:
        two_way: with the errors by viewer and video.
        paired: of the same counts and columns, with the errors by video.
    """
    errors = [
        [contrast(means, *pair).standard_error for pair in means.pairs]
        for means in (two_way, paired)
    ]
    ratios = (np.array(errors[0]) / np.array(errors[1])) ** 2
    return float(np.nanmax(ratios, initial=1.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Squares:
    """Σ ss' (C, C) over viewers and over (viewer, video) pairs."""

    viewer: FloatArray
    pair: FloatArray

    def plus(self, other: Self) -> Self:
        """Return the sums of both."""
        return replace(self, viewer=self.viewer + other.viewer, pair=self.pair + other.pair)


def _arm_means(
    linear: Linear, parts: Iterable[CodedSums], counts: StratifiedCounts, columns: Columns
) -> ArmMeans:
    by_video, size = linear.by_video, len(columns.arms)
    squares, viewers = _Squares(*np.zeros((2, size, size))), 0
    for sums in parts:
        squares = squares.plus(_score_terms(sums, linear, counts.video_ids, columns.arms))
        viewers += sums.viewers
    few = by_video.videos[0] < FEW_VIDEOS
    of_viewers = np.full(size, float(max(viewers - 1, 0)))
    found = replace(
        by_video,
        terms=_viewer_term(squares, viewers) if few else _two_way_terms(by_video, squares),
        df=of_viewers if few else np.minimum(by_video.df, of_viewers),
        df_of_parts=None if few else np.stack([np.maximum(of_viewers, 1), by_video.df]),
        method=Method.BY_VIEWER if few else Method.TWO_WAY,
        reason="" if few else by_video.reason,
        baselines=columns.baselines,
        scope=Scope.THESE if few else Scope.LIKE_THESE,
        tails=None if few else by_video.tails,
    )
    thin = (by_video.videos < (1 if few else 2)) | (viewers < 2)
    if not thin.any():
        return found
    why = f"{viewers} viewers and {by_video.videos.min()} videos: too few for an error"
    return replace(found, terms=_without(found.terms, thin), reason=why)


def _without(
    terms: tuple[tuple[str, FloatArray], ...], thin: BoolArray
) -> tuple[tuple[str, FloatArray], ...]:
    """Return the errors with nan for thin columns (C,), which leave the others comparable."""
    nothing = np.where(thin[:, None] | thin, np.nan, 0.0)
    return tuple((name, matrix + nothing) for name, matrix in terms)


def _viewer_term(squares: _Squares, viewers: int) -> tuple[tuple[str, FloatArray], ...]:
    """Return the error of these very videos, whose viewers are the sample."""
    return (("viewers", squares.viewer * (viewers / max(viewers - 1, 1))),)


def _two_way_terms(by_video: ArmMeans, squares: _Squares) -> tuple[tuple[str, FloatArray], ...]:
    """Return the errors of videos as a sample; a contrast takes the larger.

    The spread between videos already holds what pairs of viewer and video add, so what viewers
    carry from video to video, viewer - pair, comes on top where it is positive. The viewers' term
    alone is no third: on few videos the largest of three rejects 2 % of true nulls, not 5.
    """
    ((_, between),) = by_video.terms
    return (
        ("viewers and videos", squares.viewer + between - squares.pair),
        ("videos", between),
    )


def _score_terms(sums: CodedSums, linear: Linear, video_ids: IntArray, arms: IntArray) -> _Squares:
    """Return the squares of the scores; each row has a score in the columns of its own arm."""
    row = sums.stratum * video_ids.size + np.searchsorted(video_ids, sums.video_ids)[sums.video]
    by_column = []
    for column, arm in enumerate(arms):
        centre, scale = (
            table[:, :, column].ravel()[row] for table in (linear.centre, linear.scale)
        )
        by_column.append(
            np.where(sums.arm == arm, (sums.clicks - centre * sums.views) * scale, 0.0)
        )
    viewers = [np.bincount(sums.viewer, weights=s) for s in by_column]
    # reduceat wants at least one row; a record without rows has no pairs either.
    pairs = [np.add.reduceat(s, sums.pair_starts) if s.size else s for s in by_column]
    return _Squares(_products(viewers), _products(pairs))


def _products(columns: list[NDArray[Any]]) -> FloatArray:
    return np.array([[left @ right for right in columns] for left in columns])
