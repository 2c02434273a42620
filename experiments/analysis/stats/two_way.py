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

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.contrast import contrast
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.pooled import pooled_means, pooled_scale
from experiments.analysis.stats.records import (
    BoolArray,
    FloatArray,
    IntArray,
    StratifiedCounts,
    ratio_or_zero,
)
from experiments.analysis.stats.results import ArmMeans, Method, Scope
from experiments.analysis.stats.standardise import Columns

# Below so many videos their spread says little (t with fewer than nine degrees of freedom), and
# people ask of these very videos; from there on the videos are a sample.
FEW_VIDEOS = 10


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
    """Return mCTR of each column with two-way errors.

    Args:
        parts: coded sums, every viewer wholly in one part.
        counts: the views and clicks of all parts together.
        columns: what is estimated of them.
    """
    tally = TwoWayTally.of_mean_ctr(counts, columns)
    for sums in parts:
        tally = tally.plus(sums)
    return tally.means()


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
    tally = TwoWayTally.none(Linear(centre, scale, by_video), counts, columns)
    return tally.plus(sums).means()


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


@dataclass(frozen=True, slots=True, eq=False)
class TwoWayTally:
    """Means with two-way errors, whose viewers are added part by part.

    Attributes:
        linear: the means, and the scores that their errors are made of.
        video_ids: of the counts that they are means of, (V,).
        arms: the arm of each column, (C,).
        squares: of the scores of the parts so far.
        viewers: how many there are in these.
    """

    linear: Linear
    video_ids: IntArray
    arms: IntArray
    squares: _Squares
    viewers: int

    @classmethod
    def none(cls, linear: Linear, counts: StratifiedCounts, columns: Columns) -> Self:
        """Return the tally of no viewer."""
        size = len(columns.arms)
        return cls(linear, counts.video_ids, columns.arms, _Squares(*np.zeros((2, size, size))), 0)

    @classmethod
    def of_mean_ctr(cls, counts: StratifiedCounts, columns: Columns) -> Self:
        """Return that of mCTR; the score is (x - c_ksv n) w_sv / (n_ksv V).

        Args:
            counts: the views and clicks of all parts together.
            columns: what is estimated of them.
        """
        names = tuple(counts.arms[arm] for arm in columns.arms)
        by_video = replace(
            paired_means(names, columns.ctr, columns.expected_events),
            effective_views=columns.mean_effective_views,
            baselines=columns.baselines,
        )
        per_view = ratio_or_zero(columns.mix, columns.views)
        scale = per_view / np.maximum(by_video.videos, 1)
        return cls.none(Linear(columns.cell_ctr, scale, by_video), counts, columns)

    def plus(self, sums: CodedSums) -> Self:
        """Return it with the next part, of which no viewer is in another."""
        found = _score_terms(sums, self.linear, self.video_ids, self.arms)
        return replace(self, squares=self.squares.plus(found), viewers=self.viewers + sums.viewers)

    def means(self) -> ArmMeans:
        """Return the means with the errors of all parts."""
        by_video, viewers = self.linear.by_video, self.viewers
        few = by_video.videos[0] < FEW_VIDEOS
        of_viewers = np.full(len(self.arms), float(max(viewers - 1, 0)))
        found = replace(
            by_video,
            terms=_viewer_term(self.squares, viewers)
            if few
            else _two_way_terms(by_video, self.squares),
            df=of_viewers if few else np.minimum(by_video.df, of_viewers),
            df_of_parts=None if few else np.stack([np.maximum(of_viewers, 1), by_video.df]),
            method=Method.BY_VIEWER if few else Method.TWO_WAY,
            reason="" if few else by_video.reason,
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
    # Not by BLAS: its threads wait for one another where the machine has other work.
    table = np.stack(columns)
    return np.asarray(np.einsum("in,jn->ij", table, table))
