"""SQL that counts the events of a span: every measure at once, by whatever groups are asked for.

Its parameters are from_key and until_key, the bounds of the span; an event is called ``event``.
"""

from collections.abc import Collection, Mapping, Sequence

from experiments.events.keys import (
    DEVICE_BITS,
    FLAGS_SHIFT,
    HOUR_MS,
    MAX_POSITION,
    POSITION_BITS,
    STEP_BITS,
    SUSPECT,
    TIME_SHIFT,
)
from experiments.measures import MEASURES, Measure, Step

NAMES = ", ".join(measure.name for measure in MEASURES)
HOUR = f"(event.key >> {TIME_SHIFT}) / {HOUR_MS}"
FLAGS = f"(event.context >> {FLAGS_SHIFT}) & {int(SUSPECT)}"
DEVICE = f"(event.context >> {POSITION_BITS}) & {(1 << DEVICE_BITS) - 1}"
_POSITION = f"event.context & {MAX_POSITION}"
BAND = f"""CASE WHEN {_POSITION} < 3 THEN 0 WHEN {_POSITION} < 10 THEN 1
                WHEN {_POSITION} < 30 THEN 2 ELSE 3 END"""
# The measures of a group of groups.
ADDED_UP = ", ".join(f"sum({m.name})::{m.sql_type} AS {m.name}" for m in MEASURES)
# The same of rows that are kept: what was not counted in part is not known in all.
WHOLE_SUMS = ", ".join(
    f"CASE WHEN count({m.name}) = count(*) THEN sum({m.name})::{m.sql_type} END AS {m.name}"
    for m in MEASURES
)


def counted(
    groups: Mapping[str, str], only: str = "TRUE", measures: Sequence[Measure] = MEASURES
) -> str:
    """Return the SELECT of the groups and, in their order, of each one's measures.

    Args:
        groups: by its name, an expression over an event.
        only: which events count.
        measures: what is counted; a group without any event of theirs is no row.
    """
    names = ", ".join(groups)
    columns = ", ".join(f"coalesce({m.name}, 0)::{m.sql_type} AS {m.name}" for m in measures)
    paired = " ".join(
        f"LEFT JOIN ({_paired(measure, groups, only)}) AS of_{measure.name} USING ({names})"
        for measure in measures
        if measure.also is not None
    )
    single = _single(groups, only, measures)
    return f"SELECT {names}, {columns} FROM ({single}) AS single {paired}"  # noqa: S608


def first_viewed(only: str) -> str:
    """Return the SELECT of each viewer's first view of each video and of its click.

    A row is viewer, video and cell with 1 view, and 1 click or none. A click counts only where its
    view does, so that the first view was clicked exactly where the first click is its own.

    Args:
        only: which events count.
    """
    return f"""
        SELECT viewer, video, seen[2]::smallint AS cell, 1 AS views,
               coalesce(clicked = seen[1] + {Step.CLICK - Step.VIEWABLE}, FALSE)::int AS clicks
        FROM (
            SELECT event.viewer, event.video,
                   min(ARRAY[event.key, event.cell])
                       FILTER (WHERE {takes("event", Step.VIEWABLE)}) AS seen,
                   min(event.key) FILTER (WHERE {takes("event", Step.CLICK)}) AS clicked
            FROM experiments_event AS event WHERE {only} GROUP BY event.viewer, event.video
        ) AS pair
        WHERE seen IS NOT NULL"""  # noqa: S608


def _single(groups: Mapping[str, str], only: str, measures: Sequence[Measure]) -> str:
    """Return the SELECT of the measures that each event tells by itself.

    One pass with a filter a step: half the groups, and so half the time, of grouping by step.
    """
    sums = ", ".join(
        f"sum(event.watched_ms) AS {measure.name}"
        if measure.adds_watched_ms
        else f"count(*) FILTER (WHERE {takes('event', measure.step)}) AS {measure.name}"
        for measure in measures
        if measure.also is None
    )
    steps = _takes_any({measure.step for measure in measures})
    return (
        f"SELECT {_named(groups)}, {sums} FROM experiments_event AS event"  # noqa: S608
        f" WHERE {_within('event')} AND {steps} AND {only} GROUP BY {', '.join(groups.values())}"
    )


def _paired(measure: Measure, groups: Mapping[str, str], only: str) -> str:
    """Return the SELECT of a measure of events whose impression took another step, too.

    The keys of the two differ by their steps alone. What is grouped is the counted event, so that
    no group holds more of them than it holds events of the step. They are of one video, so that
    whoever counts some videos anew misses nothing.
    """
    also = measure.also
    assert also is not None  # noqa: S101  only those are paired
    watched = f" AND also.watched_ms >= {1000 * measure.also_s}" if measure.also_s else ""
    return (
        f"SELECT {_named(groups)}, count(*) AS {measure.name}"  # noqa: S608
        " FROM experiments_event AS event JOIN experiments_event AS also"
        f" ON event.key = also.key + ({measure.step - also}) AND event.video = also.video"
        f" WHERE {takes('also', also)}{watched} AND {_within('also')} AND {_within('event')}"
        f" AND {only} GROUP BY {', '.join(groups.values())}"
    )


def _named(groups: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in groups.items())


def takes(event: str, step: int) -> str:
    """Return SQL that says whether an event is of a step."""
    return f"{event}.key & {(1 << STEP_BITS) - 1} = {step}"


def _takes_any(steps: Collection[Step]) -> str:
    if len(steps) == len(Step):
        return "TRUE"
    return f"event.key & {(1 << STEP_BITS) - 1} IN ({', '.join(str(int(step)) for step in steps)})"


def _within(event: str) -> str:
    return f"{event}.key >= %(from_key)s AND {event}.key < %(until_key)s"
