"""All that a report reads, each thing once."""

from dataclasses import dataclass

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.queries import DailyCount
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.two_way import FEW_VIDEOS
from experiments.models import Arrival, Experiment, TwoWayError, Video
from experiments.unit import Unit

MOST_VIEWS = 4_000_000  # whose sums by viewer a report reads itself: a second or two


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The database's part of a report.

    Attributes:
        layout: arms, phases and shares.
        unit: what is assigned to an arm.
        counts: views and clicks by phase, video and arm; by viewer too where the error needs it.
        days: how often each step happened, by day and arm.
        videos: the experiment's, and those shown that are no longer in it, by primary key.
        two_way: the two-way error as it was last computed.
        uncounted: whether events have arrived, of any experiment, that no count holds yet.
    """

    layout: Layout
    unit: Unit
    counts: StratifiedCounts | ViewerVideoSums
    days: tuple[DailyCount, ...]
    videos: dict[int, Video]
    two_way: TwoWayError | None
    uncounted: bool


def read(experiment: Experiment) -> Reading:
    """Read what is counted so far."""
    layout, unit = Layout.of(experiment), Unit(experiment.unit)
    counts = _counts(layout, unit)
    return Reading(
        layout=layout,
        unit=unit,
        counts=counts,
        days=tuple(queries.daily_counts(layout)),
        videos=_videos(experiment, counts.video_ids),
        two_way=TwoWayError.objects.filter(experiment=experiment).first(),
        uncounted=Arrival.objects.exists(),
    )


def _counts(layout: Layout, unit: Unit) -> StratifiedCounts | ViewerVideoSums:
    """Return the counts, by viewer where viewers are assigned, or are the sample of few videos."""
    if unit is Unit.VIEWER:
        return queries.viewer_video_sums(layout)
    counts = queries.video_counts(layout)
    few = unit is not Unit.VIDEO and 0 < counts.video_ids.size < FEW_VIDEOS
    if not few or counts.views.sum() > MOST_VIEWS:
        return counts
    sums = queries.viewer_video_sums(layout)
    # Counts outlive their events.
    return sums if sums.views.sum() >= counts.views.sum() else counts


def _videos(experiment: Experiment, shown: IntArray) -> dict[int, Video]:
    videos = experiment.videos.only("slug", "title").in_bulk()
    gone = set(shown.tolist()) - set(videos)
    return videos | Video.objects.only("slug", "title").in_bulk(gone)
