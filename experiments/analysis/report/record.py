"""The report as a record: everything that a page, a text or a document shows is one of these."""

from dataclasses import dataclass
from datetime import datetime
from math import isnan

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.layout import Layout
from experiments.analysis.report.carry_over import CarriedOver
from experiments.analysis.report.cuts import Cuts
from experiments.analysis.report.dead_beacons import DeadBeacon
from experiments.analysis.report.funnel_record import FunnelChecks
from experiments.analysis.report.not_counted import NotCounted
from experiments.analysis.report.prospects import Prospects
from experiments.analysis.report.realised_errors import RealisedRate
from experiments.analysis.report.share_course import ShareCourse
from experiments.analysis.report.variance_reduction import VarianceReduction
from experiments.analysis.report.verdict import Verdict
from experiments.analysis.report.viewer_facts import ViewerFacts
from experiments.analysis.site_days import SiteDays
from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import Comparison, Estimate, Method, Mode
from experiments.analysis.stats.robustness import RobustnessChecks
from experiments.analysis.stats.srm import SampleRatio
from experiments.analysis.stopping import Stopping
from experiments.analysis.viewer_course import Look
from experiments.metrics import Quantity, Role
from experiments.paper import PrintedRow


@dataclass(frozen=True, slots=True)
class Corrected:
    """An improvement less what picking the arm has added to it.

    Attributes:
        improvement: median-unbiased.
        stopped: whether it is corrected for a look at which it was ahead.
        of: of how many arms it is the best; 1 where it is not corrected for that.
    """

    improvement: float
    stopped: bool
    of: int


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm: a line of Table 3 over the included videos, and what happened in all of them.

    Attributes:
        share: of the units that take part, in the latest phase.
        mean_views, mean_clicks, mean_ctr: mPV, mClick and mCTR; `reason` where nan.
        pooled_ctr: total clicks over total views, beside mCTR and never in its place.
        comparison: against the control; None for the control itself, and for an arm that never had
            a share while the control had one.
        like_these: the comparison read for videos like these, where the videos are so few that
            `comparison` is about these very ones.
        by_views: the comparison of pooled CTR, in which every view counts alike, not every video.
        paper: the paper's own line where the experiment has the pilot's arms, else None.
        standing: what the primary metric and the guardrails say together; None where nothing is
            compared.
        corrected: what its improvement is likely to be, where picking it made it too large.
        steps: events by step of the funnel, over all videos; None where it was not recorded.
    """

    index: int
    name: str
    selector: str
    share: float
    videos: int
    views: int
    clicks: int
    mean_views: Estimate
    mean_clicks: Estimate
    mean_ctr: Estimate
    pooled_ctr: Estimate
    comparison: Comparison | None
    like_these: Comparison | None
    by_views: Comparison | None
    paper: PrintedRow | None
    standing: Standing | None
    corrected: Corrected | None
    steps: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class MetricArm:
    """One arm by a metric beside the primary.

    Attributes:
        events: how many impressions have what the metric counts, in the videos that count.
        mean: the mean over videos of the metric; `reason` where nan.
        change: relative, against the control; None for the control and where none is compared.
        p_value: of a guardrail one-sided, that it is worse than its margin; else two-sided, that
            it is the same. nan where there is no change.
        p_value_adjusted: Holm's, over the metrics of the same role.
        holds: whether the guardrail is shown to be within its margin; None for other roles.
    """

    arm: str
    events: int
    mean: Estimate
    change: Estimate | None
    p_value: float
    p_value_adjusted: float
    holds: bool | None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric beside the primary, in every arm.

    Attributes:
        name: in documents.
        said: in a sentence.
        role: guardrail or secondary.
        quantity: what its numbers are of: shares, seconds or bytes.
        higher_is_better: False where a rise is a change for the worse.
        margin: of a guardrail, relative; nan for other roles.
        reason: why there is nothing to say of any arm; else empty.
        arms: the control first.
    """

    name: str
    said: str
    role: Role
    quantity: Quantity
    higher_is_better: bool
    margin: float
    reason: str
    arms: tuple[MetricArm, ...]


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A span with fixed shares.

    Attributes:
        ramp: share of the units that took part.
        shares: of each arm in these units, by its name.
        ended_at: None while it lasts.
    """

    number: int
    started_at: datetime
    ended_at: datetime | None
    ramp: float
    shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class TwoWayLine:
    """One arm's improvement with the error by viewer and video at once, and its adjusted p."""

    arm: str
    improvement: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class TwoWay:
    """The two-way error, which is computed aside.

    Attributes:
        made_at: when it was computed.
        took_s: in how many seconds.
        sums: of how many sums by viewer, video and arm.
        inflation: how many times the paired variance it is; the headline's error is widened by it.
        units: how many units were seen, and `crossed` how many of them in two arms.
        current: whether of the very counts that the report shows.
        arms: one line an arm but the control.
    """

    made_at: datetime
    took_s: float
    sums: int
    inflation: float
    units: int
    crossed: int
    current: bool
    arms: tuple[TwoWayLine, ...]


@dataclass(frozen=True, slots=True)
class LeftOutVideos:
    """Videos that do not count, for one reason; `slugs` holds every one of them."""

    reason: str
    slugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOutUnits:
    """Units that a report leaves out because they were seen in two arms.

    Attributes:
        units: how many there are, and `left_out` how many of them are left out.
        views: of all of them, and `views_left_out` of those left out.
    """

    units: int
    left_out: int
    views: int
    views_left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that an experiment says about its arms at one moment.

    Attributes:
        simulated: how the traffic was made; empty for real viewers.
        unit: what is assigned to an arm, in words.
        level: of confidence, over all arms and all looks.
        margin: a relative difference that is smaller does not matter.
        method: the test that the design calls for.
        mode: when the numbers may be read as they stand.
        stopping: how far it has come in its stopping plan.
        verdict: the one thing that it says.
        phases: in the order of time; where shares changed, arms are compared within equal shares.
        arms: the control first.
        metrics: those beside the primary, by role.
        least_views: a video counts with so many in every arm: `min_views`, and enough for a click.
        included: number of videos that count; `left_out` are all others of the experiment.
        deleted: names in place of those of videos that were deleted since; their counts stay.
        srm: whether the arms got their share.
        robustness: other tests of the same comparisons, which decide nothing; none where viewers
            or videos are assigned.
        variance_reduction: the comparison with earlier click rates taken out, which decides
            nothing, where whole videos are assigned and some were seen before.
        dead_arms: arms whose clicks are missing; none of what is said of them can be trusted.
        funnel: whether arms lose pictures before these are counted as views.
        prospects: what it can tell now and at its end; None where nothing can be tested.
        days: views and clicks by day of the site's clocks and arm.
        days_of: whose clocks tell these days.
        counts: views and clicks of the included videos, for charts; `titles` are theirs.
        two_way: improvements with the error by viewer and video at once, where it was computed.
        not_counted: what bots sent, what came again and what was refused.
        viewers: facts about them, where these were computed.
        cuts: the effects by hour, place, device and number of views, where these were computed.
        carry_over: whether what units saw before a change of shares is in the clicks of each arm,
            where that was computed and shares changed.
        course: the means after each day, where they are kept: of an error by viewer once that was
            computed, of one between videos once the experiment has ended.
        layout: arms, phases and cells, for what else is read of the experiment.
        share_course: the shares of new units day by day, where that was computed.
        realised_errors: how often its test is wrong on its own log, where that was computed.
        without_crossed: what is left out of it, where it is the report without units that were seen
            in two arms; it has neither days nor a funnel, which no unit can be taken out of.
        made_at: when the record was made, from counts up to then.
        uncounted: whether events have arrived, of any experiment, that no count holds yet.
    """

    slug: str
    name: str
    question: str
    simulated: str
    state: str
    unit: str
    min_views: int
    started_at: datetime | None
    ended_at: datetime | None
    made_at: datetime
    uncounted: bool
    level: float
    margin: float
    method: Method
    mode: Mode
    stopping: Stopping
    verdict: Verdict
    phases: tuple[PhaseRow, ...]
    arms: tuple[ArmRow, ...]
    metrics: tuple[MetricResult, ...]
    least_views: int
    included: int
    left_out: tuple[LeftOutVideos, ...]
    deleted: tuple[str, ...]
    srm: SampleRatio
    robustness: tuple[RobustnessChecks, ...]
    variance_reduction: VarianceReduction | None
    dead_arms: tuple[DeadBeacon, ...]
    funnel: FunnelChecks | None
    prospects: Prospects | None
    days: tuple[ArmCount, ...]
    days_of: SiteDays
    counts: VideoCounts
    titles: tuple[str, ...]
    two_way: TwoWay | None
    not_counted: NotCounted
    viewers: ViewerFacts | None
    cuts: Cuts | None
    carry_over: tuple[CarriedOver, ...]
    course: tuple[Look, ...]
    layout: Layout
    share_course: ShareCourse | None
    realised_errors: tuple[RealisedRate, ...]
    without_crossed: LeftOutUnits | None

    @property
    def control(self) -> ArmRow:
        """The arm that the others are compared to."""
        return self.arms[0]

    @property
    def compared(self) -> tuple[ArmRow, ...]:
        """The arms with a comparison, in order."""
        return tuple(arm for arm in self.arms if arm.comparison is not None)

    @property
    def best(self) -> ArmRow | None:
        """The arm that the verdict names, else the one with the largest improvement; None without.

        So the sentence below the verdict speaks of the same arm, also where another arm's mean is
        higher and not clear.
        """
        for arm in self.compared:
            if arm.name == self.verdict.arm:
                return arm
        found = {arm.index: arm.comparison.improvement.value for arm in self.arms if arm.comparison}
        defined = [index for index, value in found.items() if not isnan(value)]
        return self.arms[max(defined, key=found.__getitem__)] if defined else None

    @property
    def left_out_videos(self) -> int:
        """Number of videos that do not count."""
        return sum(len(group.slugs) for group in self.left_out)

    @property
    def views(self) -> int:
        """Views of the included videos, all arms together."""
        return sum(arm.views for arm in self.arms)

    @property
    def day_count(self) -> int:
        """Number of days with any view."""
        return len({row.start for row in self.days if row.views})
