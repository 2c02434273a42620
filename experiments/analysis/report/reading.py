"""All that a report reads, each thing once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, QuerySet
from django.utils import timezone

from experiments.analysis import kept_counts, queries
from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.layout import Layout
from experiments.analysis.measured import Measured, MeasuredByViewer
from experiments.analysis.pictures import Pictures
from experiments.analysis.report.not_counted import NotCounted, read_not_counted
from experiments.analysis.report.record import LeftOutUnits
from experiments.analysis.site_days import UTC
from experiments.analysis.stats.inclusion import include_group, least_views
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.standardise import groups, joined
from experiments.analysis.stats.two_way import FEW_VIDEOS
from experiments.analysis.stopping import Stopping, stopping_of
from experiments.events.archived_days import refuse_archived
from experiments.metrics import PRIMARY, USED_MEASURES
from experiments.models import Arrival, Experiment, TwoWayError, Video, VideoCourse
from experiments.unit import Unit

MOST_VIEWS = 4_000_000  # whose sums by viewer a report reads itself: a second or two


class VideoName(NamedTuple):
    """A video as it is called in addresses, and by people."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The database's part of a report.

    Attributes:
        layout: arms, phases and shares.
        unit: what is assigned to an arm.
        stopping: how far it has come in its stopping plan, and so which days count.
        measured: what the metrics are of, by cell and video; by viewer too where the error needs
            it.
        counts: the primary metric of it: views and clicks by phase, video and arm.
        days: every measure by day of the site's clocks and arm.
        videos: the experiment's, and those shown that are no longer in it, by primary key; one that
            was deleted since has a stand-in, whose name is in `deleted`.
        pictures: those that were made of the experiment's videos, by selector.
        two_way: the two-way error as it was last computed.
        video_course: the course by video as it was last kept.
        not_counted: bots' events, repeats and refusals.
        uncounted: whether events have arrived, of any experiment, that no count holds yet.
        left_out: the units that `measured` and `counts` do not hold; None where they hold all.
    """

    layout: Layout
    unit: Unit
    stopping: Stopping
    measured: Measured | MeasuredByViewer
    counts: StratifiedCounts | ViewerVideoSums
    days: tuple[ArmCount, ...]
    videos: dict[int, VideoName]
    deleted: tuple[str, ...]
    pictures: Mapping[str, Pictures]
    two_way: TwoWayError | None
    video_course: VideoCourse | None
    not_counted: NotCounted
    uncounted: bool
    left_out: LeftOutUnits | None = None


@dataclass(frozen=True, slots=True)
class _Aside:
    """What is read beside the counts: one query.

    Attributes:
        two_way, video_course: what was computed aside.
        awaits: whether events of any experiment await their count.
        crossed_at_login: devices that became another viewer by a login while it ran.
        refused: how many events were refused, by reason.
        pictures: the videos', by selector.
    """

    two_way: TwoWayError | None
    video_course: VideoCourse | None
    awaits: bool
    crossed_at_login: int
    refused: dict[str, int]
    pictures: dict[str, Pictures]


def read(experiment: Experiment) -> Reading:
    """Read what is counted so far."""
    layout, unit = Layout.of(experiment), Unit(experiment.unit)
    days = kept_counts.site_daily_counts(layout)
    # Those of a plan, whose ends are midnights of UTC.
    of_plan = days if settings.SITE_TIME_ZONE == UTC else kept_counts.daily_counts(layout)
    stopping = stopping_of(experiment, of_plan, timezone.now())
    measured = _measured(layout, unit, experiment.min_views, stopping.before)
    counts = measured.of(PRIMARY)
    videos, deleted = _videos(experiment, counts.video_ids)
    aside = _aside(experiment)
    return Reading(
        layout=layout,
        unit=unit,
        stopping=stopping,
        measured=measured,
        counts=counts,
        days=tuple(days),
        videos=videos,
        deleted=deleted,
        pictures=aside.pictures,
        two_way=aside.two_way,
        video_course=aside.video_course,
        not_counted=read_not_counted(
            layout, aside.refused, crossed_at_login=aside.crossed_at_login
        ),
        uncounted=aside.awaits,
    )


def _aside(experiment: Experiment) -> _Aside:
    rows = Experiment.objects.filter(pk=experiment.pk).select_related(
        "two_way_error", "video_course"
    )
    row = rows.annotate(
        awaits=Exists(Arrival.objects.all()),
        crossed=queries.crossed_at_login(),
        refused=queries.refused_counts(),
        pictures=queries.pictures(),
    ).get()
    return _Aside(
        two_way=getattr(row, "two_way_error", None),
        video_course=getattr(row, "video_course", None),
        awaits=row.awaits,
        crossed_at_login=row.crossed or 0,
        refused={each["reason"]: each["events"] for each in row.refused},
        pictures=Pictures.of(row.pictures),
    )


def _measured(
    layout: Layout, unit: Unit, min_views: int, before: date | None
) -> Measured | MeasuredByViewer:
    """Return measures, by viewer where viewers are assigned, or are the sample of few videos."""
    if unit is Unit.VIEWER:
        refuse_archived(layout.cells, "a report by viewer")
        return queries.viewer_measures(layout, USED_MEASURES, before=before)
    by_video = kept_counts.video_measures(layout, USED_MEASURES, before=before)
    counts = by_video.of(PRIMARY)
    few = unit is not Unit.VIDEO and _few_count(counts, unit, min_views)
    if not few or counts.views.sum() > MOST_VIEWS:
        return by_video
    by_viewer = queries.viewer_measures(layout, USED_MEASURES, before=before)
    # Counts outlive their events.
    return by_viewer if by_viewer.of(PRIMARY).views.sum() >= counts.views.sum() else by_video


def _few_count(counts: StratifiedCounts, unit: Unit, min_views: int) -> bool:
    """Return whether few videos count for the arms that are compared, which need not be all."""
    spans, _ = joined(counts)
    compared = groups(spans.shares)[0]
    found = include_group(spans, compared, unit, least_views(counts, min_views))
    return 0 < found.included_videos < FEW_VIDEOS


def _videos(
    experiment: Experiment, shown: IntArray
) -> tuple[dict[int, VideoName], tuple[str, ...]]:
    """Return the videos by primary key, and the names in place of those of deleted ones."""
    videos = _named(experiment.videos.order_by("pk"))
    gone = set(shown.tolist()) - set(videos)
    videos |= _named(Video.objects.filter(pk__in=gone)) if gone else {}
    deleted = {pk: _stand_in(pk) for pk in sorted(gone - set(videos))}
    return videos | deleted, tuple(video.slug for video in deleted.values())


def _named(videos: QuerySet[Video]) -> dict[int, VideoName]:
    rows = videos.values_list("pk", "slug", "title")
    return {pk: VideoName(slug, title) for pk, slug, title in rows}


def _stand_in(pk: int) -> VideoName:
    """Return a name for a video that was deleted: its counts stay."""
    return VideoName(f"deleted-{pk}", f"Deleted video {pk}")
