"""All that a report reads, each thing once."""

from dataclasses import dataclass

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.queries import DailyCount
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.models import Arrival, Experiment, TwoWayError, Video
from experiments.unit import Unit


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The database's part of a report.

    Attributes:
        layout: arms, phases and shares.
        unit: what is assigned to an arm.
        counts: views and clicks by phase, video and arm; by viewer too where viewers are assigned.
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
    counted = queries.viewer_video_sums if unit is Unit.VIEWER else queries.video_counts
    counts = counted(layout)
    return Reading(
        layout=layout,
        unit=unit,
        counts=counts,
        days=tuple(queries.daily_counts(layout)),
        videos=_videos(experiment, counts.video_ids),
        two_way=TwoWayError.objects.filter(experiment=experiment).first(),
        uncounted=Arrival.objects.exists(),
    )


def _videos(experiment: Experiment, shown: IntArray) -> dict[int, Video]:
    videos = experiment.videos.only("slug", "title").in_bulk()
    gone = set(shown.tolist()) - set(videos)
    return videos | Video.objects.only("slug", "title").in_bulk(gone)
