"""The videos of an experiment one by one, as a record of what is said of each."""

from dataclasses import dataclass
from enum import StrEnum

from experiments.analysis.report.verdict import Verdict
from experiments.analysis.stats.results import Estimate


class Standing(StrEnum):
    """What is said of one video in one arm: its sign, where it may be told."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "not clear"


@dataclass(frozen=True, slots=True)
class Noise:
    """The variance of clicks over what chance alone makes, from nulls of the experiment's own.

    Attributes:
        used: by what the variance of every video's clicks is multiplied, at least 1.
        by_viewers: with the viewers of each video and arm as the sample.
        by_same_creatives: from videos on which arms show the same.
    """

    used: float
    by_viewers: Estimate
    by_same_creatives: Estimate


@dataclass(frozen=True, slots=True)
class VideoArm:
    """One video in one arm; figures of the lift are nan for the control, and without any data.

    Attributes:
        arm: its name.
        views, clicks: plain sums over all days.
        raw: the video's own improvement over the control, chance included.
        lift: what it is likely to be, drawn to what all videos say.
        low, high: its credible limits.
        better, worse: the chance that the arm is better, and that it is worse.
        standing: None for the control, and for an arm that was never shown beside it.
    """

    arm: str
    views: int
    clicks: int
    raw: float
    lift: float
    low: float
    high: float
    better: float
    worse: float
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class VideoRow:
    """One video.

    Attributes:
        arms: the control first.
        ship: the arm with the most expected clicks.
        gained: clicks that this is expected to gain over the control, in as many views as the
            experiment had of it.
        deleted: whether the video is gone, and slug and title stand in for its own.
    """

    pk: int
    slug: str
    title: str
    deleted: bool
    arms: tuple[VideoArm, ...]
    ship: str
    gained: float


@dataclass(frozen=True, slots=True)
class ArmLifts:
    """All videos together in one arm.

    Attributes:
        mean, spread: of the log ratios over videos, with their intervals.
        better, worse: how many videos are said to be.
        shipped: for how many it is the arm to ship.
        regret: clicks that shipping it to all is expected to lose against the map.
    """

    arm: str
    mean: Estimate
    spread: Estimate
    better: int
    worse: int
    shipped: int
    regret: float


@dataclass(frozen=True, slots=True, eq=False)
class VideoReport:
    """What an experiment says of each of its videos at one moment.

    Attributes:
        simulated: how the traffic was made; empty for real viewers.
        selectors: by the name of each arm, the control first.
        level: of the intervals.
        wrong_signs: the share of the videos said to be better or worse that are expected not to be.
        verdict: of the experiment as a whole.
        changed_shares: whether the arms' shares changed, so that lifts are not quotients of sums.
        reason: why there is nothing to say of single videos; else empty.
        gained: clicks that the map is expected to gain over the control for all.
        best_single_arm: the arm that loses least if one is shipped to all; empty without lifts.
        summaries: one an arm that is compared.
        videos: those with any view.
    """

    slug: str
    name: str
    simulated: str
    selectors: dict[str, str]
    level: float
    wrong_signs: float
    verdict: Verdict
    changed_shares: bool
    reason: str
    noise: Noise
    gained: float
    best_single_arm: str
    summaries: tuple[ArmLifts, ...]
    videos: tuple[VideoRow, ...]
