"""The read path: all SQL that adds things up for people."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import Count, F, QuerySet, Sum
from numpy.typing import NDArray

from experiments.analysis.stats.records import FloatArray, VideoCounts, ViewerVideoCells
from experiments.events.keys import FLAGS_SHIFT, SUSPECT
from experiments.measures import Step
from experiments.models import Arm, Cell, DayCount, Event, HourCount, Phase, Rejection

# Viewers are hashes, so ranges of them are shares of them.
_VIEWER_VIDEO_CELLS = f"""
    SELECT viewer, video, cell, count(*) FILTER (WHERE key & 7 = {int(Step.VIEWABLE)})::integer,
           count(*) FILTER (WHERE key & 7 = {int(Step.CLICK)})::integer
    FROM experiments_event
    WHERE cell IN ({{cells}}) {{net}} AND viewer BETWEEN {{lower}} AND {{upper}}
      AND key & 7 IN ({int(Step.VIEWABLE)}, {int(Step.CLICK)})
    GROUP BY viewer, video, cell"""  # noqa: S608  numbers of ours
_VIDEO_CELLS = f"""
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
    """Views and clicks of one arm on one day."""

    day: date
    arm: int
    views: int
    clicks: int


@dataclass(frozen=True, slots=True)
class HourlyCount:
    """Views and clicks of one arm in one hour."""

    hour: datetime
    arm: int
    views: int
    clicks: int


@dataclass(frozen=True, slots=True, eq=False)
class PhaseVideoCounts:
    """What was counted in one phase, during which the shares, (K,), did not change."""

    number: int
    shares: FloatArray
    counts: VideoCounts


def video_counts(experiment_id: int, *, include_bots: bool = False) -> VideoCounts:
    """Return views (PV: viewable impressions) and clicks by video and arm.

    Args:
        experiment_id: primary key of the experiment.
        include_bots: count suspect events too (gross); otherwise net.
    """
    return _by_video(experiment_id, _video_rows(experiment_id, include_bots=include_bots))


def phase_counts(experiment_id: int) -> list[PhaseVideoCounts]:
    """Return the net views and clicks of each phase that has any, with the shares it promised."""
    rows = _video_rows(experiment_id, include_bots=False)
    found = []
    for phase in Phase.objects.filter(experiment=experiment_id).order_by("number"):
        cells = list(phase.cells.order_by("arm__index").values_list("pk", "share"))
        within = rows[np.isin(rows[:, 1], [cell for cell, _ in cells])]
        if len(within):
            shares = np.array([share for _, share in cells])
            found.append(PhaseVideoCounts(phase.number, shares, _by_video(experiment_id, within)))
    return found


def phase_viewers(experiment_id: int) -> dict[int, list[int]]:
    """Return by phase how many viewers saw anything in each arm, from the events themselves."""
    cells = Cell.objects.filter(phase__experiment=experiment_id).order_by("arm__index")
    viewable = Event.objects.filter(cell__in=cells.values("pk")).annotate(
        step=F("key").bitand(7), flags=F("context").bitrightshift(FLAGS_SHIFT)
    )
    net = viewable.annotate(suspect=F("flags").bitand(int(SUSPECT)))
    rows = net.filter(step=Step.VIEWABLE, suspect=0).values_list("cell")
    seen = dict(rows.annotate(viewers=Count("viewer", distinct=True)).order_by())
    found: dict[int, list[int]] = {}
    for cell, phase in cells.values_list("pk", "phase__number"):
        found.setdefault(phase, []).append(seen.get(cell, 0))
    return found


def daily_video_counts(
    experiment_id: int, *, include_bots: bool = False
) -> list[tuple[date, VideoCounts]]:
    """Return views and clicks by video and arm of each day, in order of time.

    Every day has the same videos, those with any count at all.
    """
    arms = Arm.objects.filter(experiment=experiment_id).order_by("index")
    column = {index: i for i, index in enumerate(arms.values_list("index", flat=True))}
    names = tuple(arms.values_list("name", flat=True))
    arm_of = _arm_of_cells(experiment_id)
    # An array a day and cell: a row a video would be a million at a full-size study.
    rows = list(
        _day_counts(experiment_id, include_bots=include_bots)
        .values_list("day", "cell")
        .annotate(of=ArrayAgg("video"), views=ArrayAgg("viewable"), clicks=ArrayAgg("click"))
    )
    videos = np.unique(np.concatenate([np.zeros(0, np.int64), *(row[2] for row in rows)]))
    days = {day: np.zeros((2, len(videos), len(names)), np.int64) for day, *_ in sorted(rows)}
    for day, cell, of, *counted in rows:
        place = np.searchsorted(videos, of)
        for table, values in zip(days[day], counted, strict=True):
            np.add.at(table[:, column[arm_of[cell]]], place, values)
    return [(day, VideoCounts(videos, names, *tables)) for day, tables in days.items()]


def step_totals(experiment_id: int, *, include_bots: bool = False) -> dict[int, dict[str, int]]:
    """Return how often each step happened, by arm index."""
    arm_of = _arm_of_cells(experiment_id)
    totals = {arm: dict.fromkeys(STEP_NAMES, 0) for arm in arm_of.values()}
    sums = {f"total_{name}": Sum(name) for name in STEP_NAMES}
    counts = _day_counts(experiment_id, include_bots=include_bots)
    for cell, *of_steps in counts.values_list("cell").annotate(**sums):
        for name, total in zip(STEP_NAMES, of_steps, strict=True):
            totals[arm_of[cell]][name] += total
    return totals


def daily_counts(experiment_id: int, *, include_bots: bool = False) -> list[DailyCount]:
    """Return views and clicks by day and arm, in order of time."""
    arm_of = _arm_of_cells(experiment_id)
    rows = (
        _day_counts(experiment_id, include_bots=include_bots)
        .values_list("day", "cell")
        .annotate(views=Sum("viewable"), clicks=Sum("click"))
    )
    summed: dict[tuple[date, int], list[int]] = {}
    for day, cell, views, clicks in rows:
        total = summed.setdefault((day, arm_of[cell]), [0, 0])
        total[0] += views
        total[1] += clicks
    return [DailyCount(day, arm, *total) for (day, arm), total in sorted(summed.items())]


def hourly_counts(experiment_id: int, *, include_bots: bool = False) -> list[HourlyCount]:
    """Return views and clicks by hour and arm, in order of time."""
    arm_of = _arm_of_cells(experiment_id)
    counted = HourCount.objects.filter(cell__in=arm_of, **_net(include_bots=include_bots))
    rows = counted.values_list("hour", "cell").annotate(v=Sum("viewable"), c=Sum("click"))
    summed: dict[tuple[datetime, int], list[int]] = {}
    for hour, cell, views, clicks in rows:
        total = summed.setdefault((hour, arm_of[cell]), [0, 0])
        total[0] += views
        total[1] += clicks
    return [HourlyCount(hour, arm, *total) for (hour, arm), total in sorted(summed.items())]


def viewer_video_cells(
    experiment_id: int, *, include_bots: bool = False, part: int = 0, parts: int = 1
) -> ViewerVideoCells:
    """Return views and clicks by (viewer, video, arm), counted from the events themselves.

    Most viewers see a video once, so a kept table of these sums would be as large as the events:
    they are computed when asked for, and a full-size study asks part by part.

    Args:
        experiment_id: primary key of the experiment.
        include_bots: count suspect events too.
        part: which share of the viewers, from 0; a viewer is wholly in one part.
        parts: into how many the viewers are divided.
    """
    arms = Arm.objects.filter(experiment=experiment_id).order_by("index")
    column = {index: i for i, index in enumerate(arms.values_list("index", flat=True))}
    column_of_cell = {c: column[arm] for c, arm in _arm_of_cells(experiment_id).items()}
    rows = _packed(
        _VIEWER_VIDEO_CELLS.format(
            cells=", ".join(map(str, column_of_cell)) or "NULL",
            net="" if include_bots else f"AND (context >> 10) & {int(SUSPECT)} = 0",
            lower=part * 2**63 // parts,
            upper=(part + 1) * 2**63 // parts - 1,
        )
    )
    cells = np.array([column_of_cell.get(c, 0) for c in range(max(column_of_cell, default=0) + 1)])
    return ViewerVideoCells(
        viewer_ids=rows["viewer"].astype(np.int64),
        video_ids=rows["video"].astype(np.int64),
        arm_index=cells[rows["cell"]],
        views=rows["views"].astype(np.int64),
        clicks=rows["clicks"].astype(np.int64),
        arms=tuple(arms.values_list("name", flat=True)),
    )


def event_counts(experiment_id: int) -> VideoCounts:
    """Return what `video_counts` would, net, were every event counted: from the events."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")  # the planner cannot know how few groups
        cursor.execute(_VIDEO_CELLS, [list(_arm_of_cells(experiment_id))])
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    return _by_video(experiment_id, rows[rows[:, 2:].any(axis=1)])


def watermark(experiment_id: int) -> int:
    """Return a number that grows with every change of an experiment's counts."""
    cells = Cell.objects.filter(phase__experiment=experiment_id)
    counted: int = cells.aggregate(counted=Sum("counted", default=0))["counted"]
    return counted


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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")  # the planner cannot know how few groups
        cursor.execute("SET LOCAL work_mem = '256MB'")  # nor how many, and would sum on disk
        cursor.execute(_PACKED.format(rows=select))
        parts = [bytes(packed) for (packed,) in cursor]
    return np.frombuffer(b"".join(parts), dtype=_PACKED_ROW)


def _video_rows(experiment_id: int, *, include_bots: bool) -> NDArray[np.int64]:
    """Return rows of (video, cell, views, clicks), (N, 4)."""
    rows = (
        _day_counts(experiment_id, include_bots=include_bots)
        .values_list("video", "cell")
        .annotate(views=Sum("viewable"), clicks=Sum("click"))
    )
    return np.array(list(rows), dtype=np.int64).reshape(-1, 4)


def _by_video(experiment_id: int, rows: NDArray[np.int64]) -> VideoCounts:
    """Add rows of (video, cell, views, clicks) up by video and arm."""
    arms = Arm.objects.filter(experiment=experiment_id).order_by("index")
    column = {index: i for i, index in enumerate(arms.values_list("index", flat=True))}
    arm_of = _arm_of_cells(experiment_id)
    videos, row_of = np.unique(rows[:, 0], return_inverse=True)
    columns = np.array([column[arm_of[cell]] for cell in rows[:, 1]], dtype=np.int64)
    views = np.zeros((len(videos), len(column)), dtype=np.int64)
    clicks = np.zeros_like(views)
    np.add.at(views, (row_of, columns), rows[:, 2])
    np.add.at(clicks, (row_of, columns), rows[:, 3])
    return VideoCounts(videos, tuple(arms.values_list("name", flat=True)), views, clicks)


def _arm_of_cells(experiment_id: int) -> dict[int, int]:
    """Return the arm index of each cell of the experiment, over all phases."""
    cells = Cell.objects.filter(phase__experiment=experiment_id)
    return dict(cells.values_list("pk", "arm__index"))


def _day_counts(experiment_id: int, *, include_bots: bool) -> QuerySet[DayCount]:
    return DayCount.objects.filter(
        cell__in=_arm_of_cells(experiment_id), **_net(include_bots=include_bots)
    ).order_by()


def _net(*, include_bots: bool) -> dict[str, int]:
    return {} if include_bots else {"flags": 0}
