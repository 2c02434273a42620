"""The tables of counts by day, hour and minute: of the events, or added up from finer ones."""

from dataclasses import replace
from functools import partial

from experiments.events.count_tables import NAMES, CountTable, Part, where_part
from experiments.events.keys import DAY_MS, HOUR_MS, MINUTE_MS
from experiments.measures import MEASURES

# The measures of rows that are kept: what was not counted in part is not known in all.
_WHOLE_SUMS = ", ".join(
    f"CASE WHEN count({m.name}) = count(*) THEN sum({m.name})::{m.sql_type} END AS {m.name}"
    for m in MEASURES
)
_START = "timestamptz '2010-01-01 00:00+00' + {number} * interval "
_HOUR_START, _MINUTE_START = f"{_START}'1 hour'", f"{_START}'1 minute'"


def _days(counted: str, _: Part) -> str:
    # The day is a constant: an expression of the key would hide from the planner how few groups
    # there are, and with it the parallel plan.
    return f"""
        SELECT date '2010-01-01' + %(first)s AS day, cell, flags, video, {NAMES}
        FROM {counted} AS counted"""  # noqa: S608


def _of_videos(unit: str, start: str, counted: str, _: Part) -> str:
    return f"""
        SELECT {start.format(number=unit)} AS {unit}, cell, flags, video, {NAMES}
        FROM {counted} AS counted"""  # noqa: S608


def _of_places(unit: str, start: str, counted: str, _: Part) -> str:
    return f"""
        SELECT {start.format(number=unit)} AS {unit}, cell, band, device, flags, {NAMES}
        FROM {counted} AS counted"""  # noqa: S608


BY_DAY = CountTable(
    name="experiments_daycount",
    time="day",
    unit_ms=DAY_MS,
    start="date '2010-01-01' + {number}",
    columns="cell, flags, video",
    groups=("cell", "flags", "video"),
    made_of=_days,
)
BY_HOUR = CountTable(
    name="experiments_hourcount",
    time="hour",
    unit_ms=HOUR_MS,
    start=_HOUR_START,
    columns="cell, band, device, flags",
    groups=("hour", "cell", "band", "device", "flags"),
    made_of=partial(_of_places, "hour", _HOUR_START),
)
# Of open days alone (experiments/events/open_days.py).
BY_VIDEO_HOUR = CountTable(
    name="experiments_videohourcount",
    time="hour",
    unit_ms=HOUR_MS,
    start=_HOUR_START,
    columns="cell, flags, video",
    groups=("hour", "cell", "flags", "video"),
    made_of=partial(_of_videos, "hour", _HOUR_START),
)
# Of open hours alone (experiments/events/open_hours.py).
BY_MINUTE = replace(
    BY_HOUR,
    name="experiments_minutecount",
    time="minute",
    unit_ms=MINUTE_MS,
    start=_MINUTE_START,
    groups=("minute", "cell", "band", "device", "flags"),
    made_of=partial(_of_places, "minute", _MINUTE_START),
)
BY_VIDEO_MINUTE = replace(
    BY_VIDEO_HOUR,
    name="experiments_videominutecount",
    time="minute",
    unit_ms=MINUTE_MS,
    start=_MINUTE_START,
    groups=("minute", "cell", "flags", "video"),
    made_of=partial(_of_videos, "minute", _MINUTE_START),
)


def _added_up(coarse: CountTable, fine: CountTable, _: str, part: Part) -> str:
    """Return SQL of one unit's rows, added up from the rows of a finer table."""
    # Unit by unit, so that some videos of each are found by the primary key.
    units = coarse.unit_ms // fine.unit_ms
    start = fine.start.format(number=f"(%(first)s * {units} + number)")
    return f"""
        SELECT {coarse.start.format(number="%(first)s")} AS {coarse.time}, {coarse.columns},
            {_WHOLE_SUMS}
        FROM generate_series(0, {units - 1}) AS number
        JOIN {fine.name} AS summed ON summed.{fine.time} = {start}
        WHERE {where_part("summed", part)} GROUP BY {coarse.columns}"""  # noqa: S608


def _summed(coarse: CountTable, fine: CountTable) -> CountTable:
    """Return a table, one unit of which at once is added up from a finer table's rows."""
    return replace(coarse, groups=(), made_of=partial(_added_up, coarse, fine))


BY_DAY_OF_HOURS = _summed(BY_DAY, BY_VIDEO_HOUR)
BY_HOUR_OF_MINUTES = _summed(BY_HOUR, BY_MINUTE)
BY_VIDEO_HOUR_OF_MINUTES = _summed(BY_VIDEO_HOUR, BY_VIDEO_MINUTE)
