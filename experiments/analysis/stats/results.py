"""Results of the statistics room: records whose fields say when they are nan."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray, VideoCounts
from experiments.analysis.stats.skewed import Tails

ALONE = -1  # the baseline of an arm that never had a share while the control had one
NEVER_TOGETHER = "there was no time in which it and the control both had a share"


class Method(StrEnum):
    """How an error was computed."""

    PAIRED_BY_VIDEO = "paired by video"
    TWO_WAY = "two-way by viewer and video"
    WELCH = "Welch between videos"
    BY_VIEWER = "by viewer, on these videos"

    @property
    def needs_viewers(self) -> bool:
        """Whether the error is of sums by viewer."""
        return self in (Method.TWO_WAY, Method.BY_VIEWER)


class Scope(StrEnum):
    """The videos that a sentence is about."""

    LIKE_THESE = "videos like these"  # the videos are a sample
    THESE = "these videos"  # the viewers are


class Mode(StrEnum):
    """When the numbers may be read as they stand."""

    FIXED_HORIZON = "fixed horizon"  # at the planned end
    GROUP_SEQUENTIAL = "group sequential"  # at the planned looks
    ALWAYS_VALID = "always valid"  # at any moment


# The reason why what does not vary has neither interval nor test: there is nothing to find out.
SAME_IN_EVERY_VIDEO = "the same in every video"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; `reason` says why any of the three is nan, else is empty."""

    value: float
    low: float
    high: float
    level: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Videos that do not count, and why; every video left out is in exactly one of these."""

    reason: str
    video_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inclusion:
    """Which videos count: `included` is bool (V,) over the videos given."""

    included: BoolArray
    min_views: int
    left_out: tuple[LeftOut, ...]

    @property
    def included_videos(self) -> int:
        """Number of videos that count."""
        return int(self.included.sum())

    @property
    def left_out_videos(self) -> int:
        """Number of videos that do not."""
        return int(self.included.size - self.included.sum())


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One line of the paper's Table 3, over the included videos.

    `mean_ctr` is mCTR, the mean over videos of clicks over views; `pooled_ctr` is total clicks
    over total views. `views` and `clicks` are the totals; `videos` those that the arm's means
    are over.
    """

    arm: str
    videos: int
    views: int
    clicks: int
    mean_views: Estimate
    mean_clicks: Estimate
    mean_ctr: Estimate
    pooled_ctr: Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm against one baseline: one test, and two displays that agree with it.

    `p_value` < 1 - level exactly when the interval of `difference` excludes 0 and that of
    `improvement` excludes 0. The adjusted p-value and the simultaneous intervals (all from one
    multivariate t distribution over the comparisons made) agree in the same way.
    `p_value_holm` is Holm's adjustment of the same p-values, and has no interval.

    Attributes:
        difference: mCTR of the arm minus mCTR of the baseline.
        improvement: mCTR of the arm over mCTR of the baseline, minus 1.
        error_term: which variance was used; for two-way errors it names the largest of the terms.
        scope: the videos that the test speaks of.
        reason: why the test is nan; empty when it is not.
    """

    arm: str
    baseline: str
    videos: int
    method: Method
    error_term: str
    difference: Estimate
    improvement: Estimate
    standard_error: float
    df: float
    statistic: float
    p_value: float
    p_value_adjusted: float
    p_value_holm: float
    simultaneous_difference: Estimate
    simultaneous_improvement: Estimate
    scope: Scope = Scope.LIKE_THESE
    reason: str = ""

    @property
    def significant(self) -> bool:
        """Whether the adjusted test rejects at 1 - level; False when it is nan."""
        return bool(self.p_value_adjusted < 1 - self.difference.level)


@dataclass(frozen=True, slots=True, eq=False)
class ArmMeans:
    """Estimated arm means with every covariance that an error may come from.

    Each entry is a column: one arm over the strata in which it is compared with the control. Where
    every arm had a share all the time, the columns are the arms (C = K); else the control has a
    column for each set of strata.

    Attributes:
        arms: arm keys (C,).
        means: float64 (C,).
        terms: (name, covariance of the means (C, C)); a contrast takes the largest.
        df: degrees of freedom of each mean, (C,): one that few videos tell leaves the others'.
        df_of_parts: of what viewers add and of the spread between videos, (2, C), where the first
            term is the sum of both and the last the spread; else None.
        videos: number of videos in each column, (C,).
        events: clicks that each arm would have at the rate of all arms together, (C,).
        reason: why means or terms are nan; empty when they are not.
        baselines: the column of each column's control, (C,); None: the first is that of all.
        scope: the videos that the means speak of.
        tails: the shape of the means, for intervals of one arm; None where it is not known.
        effective_views: as many views as would tell as much in one cell, (C,): the variance of a
            mean is its rate over them. None where the means are not of clicks over views.
    """

    arms: tuple[str, ...]
    means: FloatArray
    terms: tuple[tuple[str, FloatArray], ...]
    df: FloatArray
    videos: IntArray
    events: FloatArray
    method: Method
    reason: str = ""
    baselines: IntArray | None = None
    df_of_parts: FloatArray | None = None
    scope: Scope = Scope.LIKE_THESE
    effective_views: FloatArray | None = None
    tails: Tails | None = None

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The columns of each arm and of its control, in the order of the columns."""
        columns = range(len(self.arms))
        of = [0] * len(self.arms) if self.baselines is None else self.baselines.tolist()
        return tuple((c, of[c]) for c in columns if of[c] not in (c, ALONE))

    def widened(self, factor: float, df: float | FloatArray) -> Self:
        """Return the means with variances `factor` times as large, and at most `df`."""
        terms = tuple((f"{name}, widened by viewers", factor * m) for name, m in self.terms)
        return replace(self, terms=terms, df=np.minimum(self.df, df))

    def scaled(self, factor: float) -> Self:
        """Return the same means in another unit, of which one is `factor` of this one."""
        terms = tuple((name, factor**2 * matrix) for name, matrix in self.terms)
        return replace(self, means=factor * self.means, terms=terms)

    def pair(self, arm: str) -> Self:
        """Return the two columns of an arm's comparison: its control's and its own.

        Raises:
            InputError: for an arm that has no comparison.
        """
        found = [pair for pair in self.pairs if self.arms[pair[0]] == arm]
        if not found:
            raise InputError(f"arm == {arm!r} has no comparison: {NEVER_TOGETHER}")
        keep = [found[0][1], found[0][0]]
        return replace(
            self,
            arms=tuple(self.arms[c] for c in keep),
            means=self.means[keep],
            terms=tuple((name, matrix[np.ix_(keep, keep)]) for name, matrix in self.terms),
            df=self.df[keep],
            df_of_parts=None if self.df_of_parts is None else self.df_of_parts[:, keep],
            videos=self.videos[keep],
            events=self.events[keep],
            baselines=None,
            effective_views=None if self.effective_views is None else self.effective_views[keep],
            tails=None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class EstimatedMeans:
    """Arm means of one experiment, with the error that its design calls for.

    Attributes:
        counts: views and clicks of all videos, over all strata.
        inclusion: which of them count, for the arms that were compared the longest.
        mean_ctr: over the videos that count, by one mix of strata.
    """

    counts: VideoCounts
    inclusion: Inclusion
    mean_ctr: ArmMeans

    @property
    def included(self) -> VideoCounts:
        """Views and clicks of the videos that count."""
        return self.counts.where(self.inclusion.included)


@dataclass(frozen=True, slots=True, eq=False)
class Estimated(EstimatedMeans):
    """The same with `pooled_ctr`, clicks over views of the videos that count."""

    pooled_ctr: ArmMeans
