"""Results of the statistics room: records whose fields say when they are nan."""

from dataclasses import dataclass
from enum import StrEnum

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray, VideoCounts


class Method(StrEnum):
    """How an error was computed."""

    PAIRED_BY_VIDEO = "paired by video"
    TWO_WAY = "two-way by viewer and video"
    WELCH = "Welch between videos"


class Mode(StrEnum):
    """When the numbers may be read as they stand."""

    FIXED_HORIZON = "fixed horizon"
    PROVISIONAL = "provisional"  # a fixed-horizon number looked at before its planned end
    GROUP_SEQUENTIAL = "group sequential"
    ALWAYS_VALID = "always valid"


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
    reason: str = ""

    @property
    def significant(self) -> bool:
        """Whether the adjusted test rejects at 1 - level; False when it is nan."""
        return bool(self.p_value_adjusted < 1 - self.difference.level)


@dataclass(frozen=True, slots=True, eq=False)
class ArmMeans:
    """Estimated arm means with every covariance that an error may come from.

    Attributes:
        arms: arm keys (K,).
        means: float64 (K,).
        terms: (name, covariance of the means (K, K)); a contrast takes the largest.
        df: degrees of freedom of the t distribution.
        df_by_arm: (K,) where the arms are independent samples (Welch-Satterthwaite), else None.
        videos: number of videos in each arm, (K,).
        events: clicks that each arm would have at the rate of all arms together, (K,).
        reason: why means or terms are nan; empty when they are not.
    """

    arms: tuple[str, ...]
    means: FloatArray
    terms: tuple[tuple[str, FloatArray], ...]
    df: float
    df_by_arm: FloatArray | None
    videos: IntArray
    events: FloatArray
    method: Method
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """Arm means of one experiment, with the errors that its design calls for.

    Attributes:
        counts: views and clicks of all videos.
        inclusion: which of them count.
        mean_ctr, pooled_ctr: over the videos that count.
    """

    counts: VideoCounts
    inclusion: Inclusion
    mean_ctr: ArmMeans
    pooled_ctr: ArmMeans

    @property
    def included(self) -> VideoCounts:
        """Views and clicks of the videos that count."""
        return self.counts.where(self.inclusion.included)
