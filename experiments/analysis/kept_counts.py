"""Counts as the rollup keeps them: every measure by day, cell and video, and by hour and cell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Func, IntegerField, Max, QuerySet, Sum
from django.db.models.functions import TruncDate

from experiments.analysis.layout import Layout
from experiments.analysis.measured import Measured
from experiments.analysis.site_days import UTC
from experiments.analysis.stats.records import IntArray, StratifiedCounts
from experiments.analysis.stats.standardise import rates_of_span
from experiments.measures import MEASURES, Measure
from experiments.metrics import PRIMARY
from experiments.models import Cell, DayCount, HourCount, Video
from experiments.packed_rows import Rows, packed_rows


class WholeSum(Sum):
    """A sum that is NULL where any row is: what was not counted in part is not known in all."""

    template = "CASE WHEN count(%(expressions)s) = count(*) THEN sum(%(expressions)s) END"


EPOCH = date(1970, 1, 1)
_UNKNOWN = -1  # of a measure that was not counted in part, and so is not known in all
_SUM = "coalesce(sum({value}), 0)::int8 AS {name}"
_WHOLE_SUM = (
    "(CASE WHEN count({name}) = count(*) THEN sum({value}) ELSE "
    f"{_UNKNOWN} END)::int8 AS {{name}}"
)
# Postgres adds numbers of eight bytes up as decimals; these are exact up to 2^53, and quick.
_VALUES = {False: "{name}", True: "{name}::float8"}
# Where nothing is missing, as nearly always, one look at a row tells it in place of one a measure.
_MISSING = "max(num_nulls({names}))::int2 AS missing"
_BY_VIDEO = """
    SELECT video, cell, {sums} FROM experiments_daycount
    WHERE cell = ANY(%(cells)s) AND (%(gross)s OR flags = 0) AND day < %(until)s
    GROUP BY video, cell"""
_BY_DAY = """
    SELECT day - DATE 'epoch' AS day, video, cell, coalesce(views, 0) AS views,
           coalesce(clicks, 0) AS clicks
    FROM experiments_daycount WHERE cell = ANY(%(cells)s) AND (%(gross)s OR flags = 0)"""

# A page tells served of what it shows, a server that tells by itself perhaps viewable alone.
_GIVEN = """
WITH told AS (
    SELECT day, cell, greatest(sum(served), sum(views)) AS told
    FROM experiments_daycount WHERE cell = ANY(%s) GROUP BY day, cell
)
SELECT given.cell, sum(given.impressions), sum(coalesce(least(told.told, given.impressions), 0))
FROM experiments_givencount AS given LEFT JOIN told USING (day, cell)
WHERE given.cell = ANY(%s) GROUP BY given.cell
"""


@dataclass(frozen=True, slots=True)
class ArmCount:
    """Every measure of one arm in one span of time; None for what was not counted.

    Attributes:
        start: the day, of UTC or of the site's clocks, or the beginning of the hour (UTC).
        ctr: clicks per view; where shares changed within the span, over its phases by one mix for
            all arms, so that no arm gains by the hours in which it was shown more.
    """

    start: date
    arm: int
    measures: Mapping[str, int | None]
    ctr: float = nan

    @property
    def views(self) -> int:
        """Viewable impressions (PV)."""
        return self.measures["views"] or 0

    @property
    def clicks(self) -> int:
        """Clicks."""
        return self.measures["clicks"] or 0


@dataclass(frozen=True, slots=True)
class SuspectCount:
    """Views and clicks with one set of flags, and the videos that they are of.

    Attributes:
        flags: the rules that found them, see `experiments.events.keys.Flag`.
    """

    flags: int
    views: int
    clicks: int
    video_ids: tuple[int, ...]


def video_measures(
    layout: Layout,
    measures: Iterable[Measure],
    *,
    include_bots: bool = False,
    before: date | None = None,
) -> Measured:
    """Return measures by phase, video and arm.

    Args:
        layout: of the experiment.
        measures: which ones.
        include_bots: count suspect events too (gross); otherwise net.
        before: only of days (UTC) before this one.
    """
    chosen = list(measures)
    names = [measure.name for measure in chosen]
    given = _given(layout, include_bots=include_bots) | {"until": before or date.max}
    rows = _by_video(chosen, given, _SUM)
    if rows["missing"].any():
        rows = _by_video(chosen, given, _WHOLE_SUM)
    return Measured.of_rows(
        layout,
        video_ids=rows["video"].astype(np.int64),
        cells=rows["cell"].astype(np.int64),
        measures={
            name: None if (rows[name] == _UNKNOWN).any() else rows[name].astype(np.int64)
            for name in names
        },
    )


def _by_video(measures: Sequence[Measure], given: Mapping[str, Any], of_measure: str) -> Rows:
    """Return sums by video and cell, and how many measures are missing in the worst of their rows.

    Args:
        measures: which ones.
        given: what is chosen.
        of_measure: the SQL of the sum of one.
    """
    names = [measure.name for measure in measures]
    values = [_VALUES[measure.adds_watched_ms].format(name=measure.name) for measure in measures]
    sums = [
        of_measure.format(name=name, value=value) for name, value in zip(names, values, strict=True)
    ]
    select = _BY_VIDEO.format(sums=", ".join([*sums, _MISSING.format(names=", ".join(names))]))
    sizes = {"video": 4, "cell": 2} | dict.fromkeys(names, 8) | {"missing": 2}
    return packed_rows(select, sizes, given)


def video_counts(layout: Layout, *, include_bots: bool = False) -> StratifiedCounts:
    """Return views (PV: viewable impressions) and clicks by phase, video and arm."""
    return video_measures(layout, PRIMARY.measures, include_bots=include_bots).of(PRIMARY)


def daily_video_counts(
    layout: Layout, *, include_bots: bool = False
) -> Iterator[tuple[date, StratifiedCounts]]:
    """Yield views and clicks by phase, video and arm of each day, in order of time.

    Every day has the same videos, those with any count at all.
    """
    sizes = {"video": 4, "day": 4, "cell": 2, "views": 4, "clicks": 4}
    rows = packed_rows(_BY_DAY, sizes, _given(layout, include_bots=include_bots))
    days, day = _ranked(rows["day"].astype(np.int64))
    videos, video = _ranked(rows["video"].astype(np.int64))
    phase, arm = layout.places(rows["cell"].astype(np.int64))
    shape = (days.size, len(layout.shares), videos.size, len(layout.arms))
    place = np.ravel_multi_index((day, phase, video, arm), shape)
    views, clicks = np.zeros((2, *shape), np.int64)
    for table, name in ((views, "views"), (clicks, "clicks")):
        flat = table.reshape(-1)
        if include_bots:  # who has several rows of one place, by their flags
            np.add.at(flat, place, rows[name])
        else:
            flat[place] = rows[name]
    for number, seen, clicked in zip(days.tolist(), views, clicks, strict=True):
        counts = StratifiedCounts(videos, layout.names, layout.shares, seen, clicked)
        yield EPOCH + timedelta(days=number), counts


def daily_counts(layout: Layout, *, include_bots: bool = False) -> list[ArmCount]:
    """Return every measure by day (UTC) and arm, in order of time."""
    return _by_time(layout, _day_counts(layout, include_bots=include_bots), "day")


def site_daily_counts(layout: Layout, *, include_bots: bool = False) -> list[ArmCount]:
    """Return every measure by day of the site's clocks and arm, in order of time; see site_days."""
    if settings.SITE_TIME_ZONE == UTC:
        return daily_counts(layout, include_bots=include_bots)
    return _by_site_day(layout, _hour_counts(layout, include_bots=include_bots))


def site_daily_counts_of(layout: Layout, place: Mapping[str, int]) -> list[ArmCount]:
    """Return the same of one part of the views.

    Args:
        layout: of the experiment.
        place: the part's `band` of positions, its `device`, or both, as `HourCount` has them.
    """
    return _by_site_day(layout, _hour_counts(layout, include_bots=False).filter(**place))


def hourly_counts(layout: Layout, *, include_bots: bool = False) -> list[ArmCount]:
    """Return every measure by hour and arm, in order of time."""
    return _by_time(layout, _hour_counts(layout, include_bots=include_bots), "hour")


def _by_site_day(layout: Layout, hours: QuerySet[HourCount]) -> list[ArmCount]:
    day = TruncDate("hour", tzinfo=ZoneInfo(settings.SITE_TIME_ZONE))
    return _by_time(layout, hours.annotate(day=day), "day")


def _by_time(
    layout: Layout, counts: QuerySet[DayCount] | QuerySet[HourCount], time: str
) -> list[ArmCount]:
    names = [measure.name for measure in MEASURES]
    spans: dict[date, dict[int, list[int | None]]] = {}
    for start, cell, *row in _sums(counts, time, names):
        spans.setdefault(start, {})[cell] = row
    return [
        found for start in sorted(spans) for found in _by_arm(layout, start, names, spans[start])
    ]


def _by_arm(
    layout: Layout, start: date, names: list[str], cells: Mapping[int, list[int | None]]
) -> Iterator[ArmCount]:
    """Yield the counts of each arm that has any in a span."""
    table = np.zeros((2, *layout.shares.shape), np.int64)  # views and clicks, by phase and arm
    of_arm: dict[int, list[list[int | None]]] = {}
    for cell, row in cells.items():
        phase, column = layout.cells[cell]
        table[:, phase, column] = [row[names.index(name)] or 0 for name in ("views", "clicks")]
        of_arm.setdefault(column, []).append(row)
    rates = rates_of_span(*table)
    for column, rows in sorted(of_arm.items()):
        sums = dict(zip(names, map(_sum, zip(*rows, strict=True)), strict=True))
        yield ArmCount(start, layout.arms[column].index, sums, float(rates[column]))


def suspect_counts(layout: Layout) -> list[SuspectCount]:
    """Return what does not count because a rule found it suspect, by the rules that did."""
    found = (
        _day_counts(layout, include_bots=True)
        .exclude(flags=0)
        .values_list("flags")
        .annotate(seen=Sum("views"), clicked=Sum("clicks"), of=ArrayAgg("video", distinct=True))
    )
    return [
        SuspectCount(flags, views or 0, clicks or 0, tuple(of))
        for flags, views, clicks, of in found
    ]


def given_counts(layout: Layout) -> dict[int, tuple[int, int]]:
    """Return by arm how many impressions the feed gave out, and how many of them reported.

    Of days on which the feed counted what it gave; the arm by its place.
    """
    found: dict[int, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [list(layout.cells)] * 2)
        for cell, given, told in cursor.fetchall():
            arm = layout.cells[cell][1]
            before = found.get(arm, (0, 0))
            found[arm] = before[0] + int(given), before[1] + int(told)
    return found


def counted_since(videos: QuerySet[Video], day: date) -> tuple[int, int, int]:
    """Return views and clicks of videos in all experiments, and of how many days, from one on."""
    rows = DayCount.objects.filter(video__in=videos.values("pk"), day__gte=day, flags=0)
    days = Count("day", distinct=True)
    found = rows.aggregate(views=Sum("views"), clicks=Sum("clicks"), days=days)
    return found["views"] or 0, found["clicks"] or 0, found["days"]


def counted_before(videos: IntArray, day: date, first: date) -> tuple[IntArray, IntArray]:
    """Return views and clicks of each video in all experiments, (V,) each, before a day.

    Args:
        videos: primary keys, ascending, (V,).
        day: the first that does not count.
        first: the first that does.
    """
    rows = DayCount.objects.filter(video__in=videos.tolist(), day__gte=first, day__lt=day, flags=0)
    sums = rows.order_by().values_list("video").annotate(seen=Sum("views"), clicked=Sum("clicks"))
    views, clicks = np.zeros((2, videos.size), np.int64)
    for video, seen, clicked in sums:
        place = np.searchsorted(videos, video)
        views[place], clicks[place] = seen or 0, clicked or 0
    return views, clicks


def counted_views(layouts: Iterable[Layout]) -> int:
    """Return the views of experiments together, net of suspects."""
    cells = [cell for layout in layouts for cell in layout.cells]
    counted = DayCount.objects.filter(cell__in=cells, flags=0)
    return counted.aggregate(views=Sum("views"))["views"] or 0


def last_counted_hour() -> datetime | None:
    """Return the beginning of the last hour with an event of a real viewer; None before one."""
    real = Cell.objects.filter(phase__experiment__simulated="").values("pk")
    counted = HourCount.objects.filter(cell__in=real, flags=0)
    last: datetime | None = counted.aggregate(last=Max("hour"))["last"]
    return last


def _sums(
    counts: QuerySet[DayCount] | QuerySet[HourCount], time: str, names: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Return the time, the cell and the sum of each measure, of each time and cell."""
    missing = Max(Func(*names, function="num_nulls", output_field=IntegerField()))
    of = counts.values_list(time, "cell")
    rows = list(of.annotate(**{f"sum_of_{name}": Sum(name) for name in names}, missing=missing))
    if any(row[-1] for row in rows):
        return list(of.annotate(**{f"sum_of_{name}": WholeSum(name) for name in names}))
    return [row[:-1] for row in rows]


def _sum(values: Iterable[int | None]) -> int | None:
    """Add up; None where any is."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _day_counts(layout: Layout, *, include_bots: bool) -> QuerySet[DayCount]:
    counted = DayCount.objects.filter(cell__in=layout.cells, **_net(include_bots=include_bots))
    return counted.order_by()


def _hour_counts(layout: Layout, *, include_bots: bool) -> QuerySet[HourCount]:
    counted = HourCount.objects.filter(cell__in=layout.cells, **_net(include_bots=include_bots))
    return counted.order_by()


def _ranked(numbers: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct of numbers from 0, ascending, and the place of each among them, (N,)."""
    met = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
    met[numbers] = True
    return np.flatnonzero(met), (np.cumsum(met) - 1)[numbers]


def _given(layout: Layout, *, include_bots: bool) -> dict[str, Any]:
    return {"cells": list(layout.cells), "gross": include_bots}


def _net(*, include_bots: bool) -> dict[str, int]:
    return {} if include_bots else {"flags": 0}
