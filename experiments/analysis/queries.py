"""The read path: all SQL that adds things up for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import QuerySet, Sum
from numpy.typing import NDArray

from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.events.keys import FLAGS_SHIFT, SUSPECT
from experiments.measures import Step
from experiments.models import Cell, DayCount, HourCount, Rejection

# Viewers are hashes, so ranges of them are shares of them.
_VIEWER_VIDEO_SUMS = f"""
    SELECT viewer, video, cell, count(*) FILTER (WHERE key & 7 = {int(Step.VIEWABLE)})::integer,
           count(*) FILTER (WHERE key & 7 = {int(Step.CLICK)})::integer
    FROM experiments_event
    WHERE cell IN ({{cells}}) {{net}} AND viewer BETWEEN {{lower}} AND {{upper}}
      AND key & 7 IN ({int(Step.VIEWABLE)}, {int(Step.CLICK)})
    GROUP BY viewer, video, cell"""  # noqa: S608  numbers of ours
_VIDEO_SUMS = f"""
    SELECT video, cell, count(*) FILTER (WHERE key & 7 = {int(Step.VIEWABLE)}),
           count(*) FILTER (WHERE key & 7 = {int(Step.CLICK)})
    FROM experiments_event
    WHERE cell = ANY(%s) AND (context >> {FLAGS_SHIFT}) & {int(SUSPECT)} = 0
    GROUP BY video, cell"""  # noqa: S608  numbers of ours
# Many rows a message: one for each would cost the client more than all the rest.
_PACKED = """
    SELECT string_agg(int8send(viewer) || int4send(video) || int2send(cell) || int4send(views)
                      || int4send(clicks), '')
    FROM ({rows}) AS summed (viewer, video, cell, views, clicks) GROUP BY viewer & 255"""
_PACKED_ROW = np.dtype([
    ("viewer", ">i8"), ("video", ">i4"), ("cell", ">i2"), ("views", ">i4"), ("clicks", ">i4"),
])  # fmt: skip

_VERSION = """
WITH rows AS (
    SELECT 0 AS kind, id, xmin, ctid FROM experiments_experiment WHERE id = %(experiment)s
    UNION ALL
    SELECT 1, id, xmin, ctid FROM experiments_arm WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 2, cell.id, cell.xmin, cell.ctid FROM experiments_cell AS cell
    JOIN experiments_phase AS phase ON phase.id = phase_id WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 3, video.id, video.xmin, video.ctid FROM experiments_video AS video
    JOIN experiments_experiment_videos AS shown ON shown.video_id = video.id
    WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 4, id, xmin, ctid FROM experiments_twowayerror WHERE experiment_id = %(experiment)s)
SELECT count(*) || ':' || coalesce(sum(hashtextextended(rows::text, 0)), 0) FROM rows"""

STEP_NAMES = tuple(step.name.lower() for step in Step)


@dataclass(frozen=True, slots=True)
class DailyCount:
    """How often each step happened in one arm on one day."""

    day: date
    arm: int
    steps: dict[str, int]

    @property
    def views(self) -> int:
        """Viewable impressions (PV)."""
        return self.steps["viewable"]

    @property
    def clicks(self) -> int:
        """Clicks."""
        return self.steps["click"]


@dataclass(frozen=True, slots=True)
class HourlyCount:
    """Views and clicks of one arm in one hour."""

    hour: datetime
    arm: int
    views: int
    clicks: int


def video_counts(layout: Layout, *, include_bots: bool = False) -> StratifiedCounts:
    """Return views (PV: viewable impressions) and clicks by phase, video and arm.

    Args:
        layout: of the experiment.
        include_bots: count suspect events too (gross); otherwise net.
    """
    counted = _day_counts(layout, include_bots=include_bots).values_list("video", "cell")
    rows = list(counted.annotate(views=Sum("viewable"), clicks=Sum("click")))
    return _stratified(layout, np.array(rows, dtype=np.int64).reshape(-1, 4))


def daily_video_counts(
    layout: Layout, *, include_bots: bool = False
) -> Iterator[tuple[date, StratifiedCounts]]:
    """Yield views and clicks by phase, video and arm of each day, in order of time.

    Every day has the same videos, those with any count at all.
    """
    # An array a day and cell: a row a video would be a million at a full-size study.
    found = (
        _day_counts(layout, include_bots=include_bots)
        .values_list("day", "cell")
        .annotate(of=ArrayAgg("video"), views=ArrayAgg("viewable"), clicks=ArrayAgg("click"))
    )
    by_day: dict[date, list[IntArray]] = {}
    for day, cell, of, views, clicks in found:
        rows = np.column_stack([of, np.full(len(of), cell), views, clicks])
        by_day.setdefault(day, []).append(rows)
    everything = [rows for day in by_day.values() for rows in day]
    videos = np.unique(np.concatenate([rows[:, 0] for rows in everything] or [np.zeros(0, int)]))
    for day in sorted(by_day):
        yield day, _stratified(layout, np.concatenate(by_day[day]), videos)


def daily_counts(layout: Layout, *, include_bots: bool = False) -> list[DailyCount]:
    """Return how often each step happened, by day and arm, in order of time."""
    sums = {f"total_{name}": Sum(name) for name in STEP_NAMES}
    counts = _day_counts(layout, include_bots=include_bots).values_list("day", "cell")
    summed: dict[tuple[date, int], Counter[str]] = {}
    for day, cell, *of_steps in counts.annotate(**sums):
        total = summed.setdefault((day, layout.arm(cell).index), Counter())
        total.update(dict(zip(STEP_NAMES, of_steps, strict=True)))
    return [DailyCount(day, arm, dict(total)) for (day, arm), total in sorted(summed.items())]


def hourly_counts(layout: Layout, *, include_bots: bool = False) -> list[HourlyCount]:
    """Return views and clicks by hour and arm, in order of time."""
    counted = HourCount.objects.filter(cell__in=layout.cells, **_net(include_bots=include_bots))
    rows = counted.values_list("hour", "cell").annotate(v=Sum("viewable"), c=Sum("click"))
    summed: dict[tuple[datetime, int], list[int]] = {}
    for hour, cell, views, clicks in rows:
        total = summed.setdefault((hour, layout.arm(cell).index), [0, 0])
        total[0] += views
        total[1] += clicks
    return [HourlyCount(hour, arm, *total) for (hour, arm), total in sorted(summed.items())]


def viewer_video_sums(
    layout: Layout, *, include_bots: bool = False, part: int = 0, parts: int = 1
) -> ViewerVideoSums:
    """Return views and clicks by (viewer, phase, video, arm), counted from the events themselves.

    Most viewers see a video once, so a kept table of these sums would be as large as the events:
    they are computed when asked for, and a full-size study asks part by part.

    Args:
        layout: of the experiment.
        include_bots: count suspect events too.
        part: which share of the viewers, from 0; a viewer is wholly in one part.
        parts: into how many the viewers are divided.
    """
    rows = _packed(
        _VIEWER_VIDEO_SUMS.format(
            cells=", ".join(map(str, layout.cells)) or "NULL",
            net="" if include_bots else f"AND (context >> {FLAGS_SHIFT}) & {int(SUSPECT)} = 0",
            lower=part * 2**63 // parts,
            upper=(part + 1) * 2**63 // parts - 1,
        )
    )
    phase, arm = layout.places(rows["cell"])
    return ViewerVideoSums(
        viewer_ids=rows["viewer"].astype(np.int64),
        video_ids=rows["video"].astype(np.int64),
        stratum=phase,
        arm_index=arm,
        views=rows["views"].astype(np.int64),
        clicks=rows["clicks"].astype(np.int64),
        arms=layout.names,
        shares=layout.shares,
    )


def event_counts(layout: Layout) -> StratifiedCounts:
    """Return what `video_counts` would, net, were every event counted: from the events."""
    found = _hashed(_VIDEO_SUMS, [list(layout.cells)])
    rows = np.array(found, dtype=np.int64).reshape(-1, 4)
    return _stratified(layout, rows[rows[:, 2:].any(axis=1)])


def watermarks() -> dict[int, int]:
    """Return by experiment a number that grows with every change of its counts."""
    cells = Cell.objects.values_list("phase__experiment").annotate(reached=Sum("counted"))
    return dict(cells.order_by())


def version(experiment_id: int) -> str:
    """Return a text that changes with anything that a report of the experiment shows.

    That is the watermark, and every row of the experiment, its arms, its cells and its videos:
    Postgres gives each version of a row another transaction and place.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"experiment": experiment_id})
        found: str = cursor.fetchone()[0]
    return found


def rejections() -> dict[str, int]:
    """Return how many events were refused, by reason; duplicates are among them."""
    rows = Rejection.objects.values_list("reason").annotate(total=Sum("events"))
    return dict(rows.order_by("reason"))


def _packed(select: str) -> NDArray[np.void]:
    """Return the rows of (viewer, video, cell, views, clicks)."""
    parts = [bytes(packed) for (packed,) in _hashed(_PACKED.format(rows=select))]
    return np.frombuffer(b"".join(parts), dtype=_PACKED_ROW)


def _hashed(select: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that sums over events in memory, by hashing.

    The planner cannot know how few groups there are, nor how many: it would sort, or sum on disk.
    The settings hold for the transaction, which statements of one message share.
    """
    settings = "SET LOCAL enable_sort = off; SET LOCAL work_mem = '256MB';"
    with connection.cursor() as cursor:
        cursor.execute(settings + select, values)
        while cursor.nextset():
            pass
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _stratified(layout: Layout, rows: IntArray, videos: IntArray | None = None) -> StratifiedCounts:
    """Add rows of (video, cell, views, clicks), (N, 4), up by phase, video and arm.

    Args:
        layout: of the experiment.
        rows: as they were counted.
        videos: that the result has, ascending, (V,); those of the rows where None.
    """
    ids = np.unique(rows[:, 0]) if videos is None else videos
    phase, arm = layout.places(rows[:, 1])
    place = phase, np.searchsorted(ids, rows[:, 0]), arm
    phases, arms = layout.shares.shape
    views, clicks = np.zeros((2, phases, len(ids), arms), dtype=np.int64)
    np.add.at(views, place, rows[:, 2])
    np.add.at(clicks, place, rows[:, 3])
    return StratifiedCounts(ids, layout.names, layout.shares, views, clicks)


def _day_counts(layout: Layout, *, include_bots: bool) -> QuerySet[DayCount]:
    counted = DayCount.objects.filter(cell__in=layout.cells, **_net(include_bots=include_bots))
    return counted.order_by()


def _net(*, include_bots: bool) -> dict[str, int]:
    return {} if include_bots else {"flags": 0}
