"""The map of an ended experiment: the arm to ship for each video, and what that is worth.

Each video's own lift is shrunk towards what all videos say (analysis.stats.per_video), so that a
video with few clicks gets the arm that is best for most.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

import numpy as np

from experiments.analysis.report.formatting import percent, signed_percent, whole
from experiments.analysis.report.record import Report
from experiments.analysis.stats.decision import DecisionMap, decide
from experiments.analysis.stats.per_video import VideoLifts, video_lifts
from experiments.analysis.stats.records import CONTROL, VideoCounts
from experiments.errors import StateError
from experiments.unit import Unit

LEAST_VIDEOS = 2


@dataclass(frozen=True, slots=True)
class MapOfVideos:
    """The arm to ship for each video that was counted.

    Attributes:
        pictures: name of the arm by primary key of the video.
        elsewhere: name of the arm for videos that were not counted: the best for all.
        videos: how many videos get each arm, by its name, in the experiment's order.
        gain_over_one: expected share of clicks gained over shipping `elsewhere` to all.
        gain_over_control: the same over keeping the control.
        wrong: expected share of the videos shipped another arm than the control on which that arm
            is no better; nan where none is.
    """

    pictures: Mapping[int, str]
    elsewhere: str
    videos: Mapping[str, int]
    gain_over_one: float
    gain_over_control: float
    wrong: float


def map_of_videos(report: Report, unit: Unit) -> MapOfVideos:
    """Return the map by an experiment's report.

    Raises:
        StateError: where too few videos count, or nothing was clicked.
    """
    counts = report.counts
    if len(counts.video_ids) < LEAST_VIDEOS or not counts.clicks.any():
        raise StateError(
            f"{report.slug} has {len(counts.video_ids)} videos that count and "
            f"{int(counts.clicks.sum())} clicks: a map takes {LEAST_VIDEOS} videos, and clicks"
        )
    counts = _shown(counts)
    lifts = [video_lifts(counts, unit, arm) for arm in range(1, len(counts.arms))]
    found = decide(counts, lifts)
    pictures = found.as_dict()
    given = Counter(pictures.values())
    return MapOfVideos(
        pictures=pictures,
        elsewhere=found.best_single_arm,
        videos={arm: given[arm] for arm in counts.arms},
        gain_over_one=_gain(found, found.best_single_arm),
        gain_over_control=_gain(found, counts.arms[CONTROL]),
        wrong=_wrong(found, lifts),
    )


def said(found: MapOfVideos) -> str:
    """Return what a map ships and what it is worth, as sentences."""
    given = ", ".join(f"{arm} on {whole(videos)}" for arm, videos in found.videos.items())
    over_one, over_control = map(signed_percent, (found.gain_over_one, found.gain_over_control))
    worth = (
        f"Videos by arm: {given}. Expected clicks: {over_one} over {found.elsewhere} for all, "
        f"{over_control} over the control."
    )
    if isnan(found.wrong):
        return worth
    return (
        f"{worth} Of the videos that change, {percent(found.wrong, 0)} are expected to gain "
        "nothing by it."
    )


def _shown(counts: VideoCounts) -> VideoCounts:
    """Return the arms that every video was seen in: one that was not is no candidate."""
    seen = [arm for arm in range(len(counts.arms)) if counts.views[:, arm].all()]
    kept = sorted({CONTROL, *seen})
    arms = tuple(counts.arms[arm] for arm in kept)
    return VideoCounts(counts.video_ids, arms, counts.views[:, kept], counts.clicks[:, kept])


def _gain(found: DecisionMap, arm: str) -> float:
    column = found.arms.index(arm)
    return found.regret_of_one_arm[column] / found.clicks_of_one_arm[column]


def _wrong(found: DecisionMap, lifts: list[VideoLifts]) -> float:
    better = np.column_stack([np.ones(len(found.arm_index)), *(lift.better for lift in lifts)])
    other = found.arm_index != CONTROL
    chosen = better[np.arange(len(better)), found.arm_index]
    return float(np.mean(1 - chosen[other])) if other.any() else float("nan")
