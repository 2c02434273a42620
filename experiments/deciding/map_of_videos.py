"""The map of an experiment's videos, ready to be shipped: that of its page of videos.

Each video's own lift is shrunk towards what all videos say, so that a video with few clicks gets
the arm that is best for most.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan
from statistics import fmean

from experiments.analysis.report.formatting import percent, whole
from experiments.analysis.videos import sentences
from experiments.analysis.videos.record import VideoReport, VideoRow
from experiments.errors import StateError

LEAST_VIDEOS = 2


@dataclass(frozen=True, slots=True)
class MapOfVideos:
    """The arm to ship for each video that was seen.

    Attributes:
        pictures: name of the arm by primary key of the video.
        elsewhere: name of the arm for videos that were not seen: the best for all.
        videos: how many videos get each arm, by its name, in the experiment's order.
        wrong: expected share of the videos shipped another arm than the control on which that arm
            is no better; nan where none is.
        worth: what it is expected to gain, as a sentence.
    """

    pictures: Mapping[int, str]
    elsewhere: str
    videos: Mapping[str, int]
    wrong: float
    worth: str


def map_of_videos(report: VideoReport) -> MapOfVideos:
    """Return the map by what an experiment says of its videos.

    Raises:
        StateError: where it says nothing of single videos, or has too few.
    """
    if report.reason:
        raise StateError(f"{report.slug} has no map: {report.reason}")
    rows = [row for row in report.videos if not row.deleted]
    if len(rows) < LEAST_VIDEOS:
        raise StateError(f"{report.slug} has {len(rows)} videos to map, must have {LEAST_VIDEOS}")
    given = Counter(row.ship for row in rows)
    chances = [1 - better for row in rows for better in _better(row)]
    return MapOfVideos(
        pictures={row.pk: row.ship for row in rows},
        elsewhere=report.best_single_arm,
        videos={arm: given[arm] for arm in report.selectors},
        wrong=fmean(chances) if chances else nan,
        worth=sentences.gain(report),
    )


def said(found: MapOfVideos) -> str:
    """Return what a map ships and what it is worth, as sentences."""
    given = ", ".join(f"{arm} on {whole(videos)}" for arm, videos in found.videos.items())
    worth = f"Videos by arm: {given}. {found.worth}"
    if isnan(found.wrong):
        return worth
    return (
        f"{worth} Of the videos that change, {percent(found.wrong, 0)} are expected to gain "
        "nothing by it."
    )


def _better(row: VideoRow) -> Iterator[float]:
    """Yield the chance that what is shipped of a video beats the control, where it differs."""
    control = row.arms[0]
    if row.ship != control.arm:
        yield next(arm.better for arm in row.arms if arm.arm == row.ship)
