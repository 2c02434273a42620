"""The read path: all SQL that adds things up for people."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db.models import QuerySet, Sum

from experiments.impressions import Step
from experiments.models import Arm, Cell, DayCount, HourCount, Rejection
from experiments.stats.records import VideoCounts

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


def video_counts(experiment_id: int, *, include_bots: bool = False) -> VideoCounts:
    """Return views (PV: viewable impressions) and clicks by video and arm.

    Args:
        experiment_id: primary key of the experiment.
        include_bots: count suspect events too (gross); otherwise net.
    """
    arms = Arm.objects.filter(experiment=experiment_id).order_by("index")
    column = {index: i for i, index in enumerate(arms.values_list("index", flat=True))}
    arm_of = _arm_of_cells(experiment_id)
    rows = list(
        _day_counts(experiment_id, include_bots=include_bots)
        .values_list("video", "cell")
        .annotate(views=Sum("viewable"), clicks=Sum("click"))
    )
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    videos, row_of = np.unique(table[:, 0], return_inverse=True)
    columns = np.array([column[arm_of[cell]] for cell in table[:, 1]], dtype=np.int64)
    views = np.zeros((len(videos), len(column)), dtype=np.int64)
    clicks = np.zeros_like(views)
    np.add.at(views, (row_of, columns), table[:, 2])
    np.add.at(clicks, (row_of, columns), table[:, 3])
    return VideoCounts(videos, tuple(arms.values_list("name", flat=True)), views, clicks)


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


def rejections() -> dict[str, int]:
    """Return how many events were refused, by reason; duplicates are among them."""
    rows = Rejection.objects.values_list("reason").annotate(total=Sum("events"))
    return dict(rows.order_by("reason"))


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
