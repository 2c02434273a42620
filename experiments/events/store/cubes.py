"""SQL that reads events: cubes of every measure by whatever groups are asked for, and events.

Each is written once and printed for an engine by its dialect. An event is called ``event``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from experiments.events.keys import (
    DAY_MS,
    DEVICE_BITS,
    FLAGS_SHIFT,
    HOUR_MS,
    MAX_POSITION,
    MINUTE_MS,
    POSITION_BITS,
    STEP_BITS,
    SUSPECT,
    TIME_SHIFT,
    Flag,
    first_key,
)
from experiments.events.store.dialect import Dialect
from experiments.measures import MEASURES, Measure, Step

END_KEY = 2**63 - 1
_FLAGGED = {"flags", "context"}
_OF_CONTEXT = {"flags", "device", "band"}
_TOLD_APART = {"video", "viewer"}
SIZES = {
    "key": 8, "viewer": 8, "video": 4, "cell": 2, "context": 2, "minute": 4, "hour": 4, "flags": 2,
    "device": 2, "band": 2, "events": 4, "implied": 4, "day": 4,
    **{measure.name: 8 if measure.adds_watched_ms else 4 for measure in MEASURES},
}  # fmt: skip
"""Bytes of each column that a statement can return."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which events are meant.

    Attributes:
        from_key: the first key.
        until_key: the key before which they end.
        cells: of these alone, or None for all.
        videos: of these alone, or None for all.
        viewers: the first and last of a range of them, or None for all.
        is_net: without what is suspect.
    """

    from_key: int = 0
    until_key: int = END_KEY
    cells: Collection[int] | None = None
    videos: Collection[int] | None = None
    viewers: tuple[int, int] | None = None
    is_net: bool = False


@dataclass(frozen=True, slots=True)
class Cube:
    """What is counted: measures of the chosen events, by groups.

    Attributes:
        groups: of minute and hour (since 2010), viewer, video, cell, flags, device, band and
            context; a group without any event of the measures is no row.
        chosen: which events count.
        measures: what is counted of them.
    """

    groups: Sequence[str]
    chosen: Chosen
    measures: Sequence[Measure] = MEASURES

    @property
    def columns(self) -> list[str]:
        """The names of its columns, groups first."""
        return [*self.groups, *(measure.name for measure in self.measures)]


def counted(sql: Dialect, cube: Cube) -> str:
    """Return the SELECT of a cube.

    Where videos are not told apart, few contexts make up many events: what is worked out of a
    context is worked out for each group of them, not for each event.
    """
    worked_out = [name for name in cube.groups if name in _OF_CONTEXT]
    if len(worked_out) > 1 and _TOLD_APART.isdisjoint(cube.groups):
        return _worked_out(sql, cube, worked_out)
    return _counted(sql, cube)


def _worked_out(sql: Dialect, cube: Cube, names: Sequence[str]) -> str:
    raw = [name for name in cube.groups if name not in names]
    groups = [f"event.{name}" for name in raw] + [group(sql, n, "event.context") for n in names]
    named = [f"{what} AS {name}" for what, name in zip(groups, [*raw, *names], strict=True)]
    sums = (f"{sql.cast(f'sum(event.{m.name})', SIZES[m.name])} AS {m.name}" for m in cube.measures)
    return (
        f"SELECT {', '.join([*named, *sums])}"  # noqa: S608
        f" FROM ({_counted(sql, replace(cube, groups=[*raw, 'context']))}) AS event"
        f" GROUP BY {', '.join(groups)}"
    )


def _counted(sql: Dialect, cube: Cube) -> str:
    """Return the SELECT of a cube, each event told what its groups are.

    One pass with a filter a measure: half the groups, and so half the time, of grouping by step.
    """
    groups = [_group(sql, name) for name in cube.groups]
    named = [f"{what} AS {name}" for what, name in zip(groups, cube.groups, strict=True)]
    sums = [_measure(sql, cube, measure) for measure in cube.measures]
    steps = _takes_any(sql, {measure.step for measure in cube.measures})
    return (
        f"SELECT {', '.join([*named, *sums])} FROM {_cube_events(sql, cube)}"  # noqa: S608
        f" WHERE {steps} AND {_is(sql, cube.chosen)} GROUP BY {', '.join(groups)}"
    )


def events(sql: Dialect, chosen: Chosen, steps: Collection[Step], columns: Iterable[str]) -> str:
    """Return the SELECT of some columns of events of some steps, their flags their own."""
    named = ", ".join(f"{_column(column)} AS {column}" for column in columns)
    return (
        f"SELECT {named} FROM {_events(sql, chosen)}"  # noqa: S608
        f" WHERE {_takes_any(sql, steps)} AND {_is(sql, chosen)}"
    )


def _column(name: str) -> str:
    return "coalesce(event.watched_ms, -1)" if name == "watched_ms" else f"event.{name}"


def activity(sql: Dialect, chosen: Chosen) -> str:
    """Return the SELECT of what each viewer did in each hour: events, views, implied and clicks."""
    hour, viewed = _group(sql, "hour"), takes(sql, "event", Step.VIEWABLE)
    counts = {
        "views": viewed,
        "implied": f"{viewed} AND {_has_flag(sql, 'event', Flag.IMPLIED)}",
        "clicks": takes(sql, "event", Step.CLICK),
    }
    sums = ", ".join(f"{sql.count_if.format(condition=c)} AS {name}" for name, c in counts.items())
    return (
        f"SELECT event.viewer AS viewer, {hour} AS hour, count(*) AS events, {sums}"  # noqa: S608
        f" FROM {_events(sql, chosen)} WHERE {_is(sql, chosen)} GROUP BY event.viewer, {hour}"
    )


def cleaner_clicks(sql: Dialect, chosen: Chosen) -> str:
    """Return the SELECT of viewers, and flags, of views that are more suspect than their clicks."""
    viewed, clicked = (_own_flags(sql, event) for event in ("event", "also"))
    return (
        f"SELECT DISTINCT event.viewer AS viewer, {viewed} AS flags"  # noqa: S608
        f" FROM {_events(sql, chosen)} JOIN {sql.events.format(name='also')}"
        f" ON event.key = also.key - ({Step.CLICK - Step.VIEWABLE})"
        f" WHERE {takes(sql, 'event', Step.VIEWABLE)} AND {takes(sql, 'also', Step.CLICK)}"
        f" AND {viewed} <> 0 AND {sql.either.format(value=viewed, other=clicked)} <> {clicked}"
        f" AND {_within('also', chosen)} AND {_is(sql, chosen)}"
    )


def takes(sql: Dialect, event: str, step: int) -> str:
    """Return SQL that says whether an event is of a step."""
    return f"{_step(sql, event)} = {int(step)}"


def _measure(sql: Dialect, cube: Cube, measure: Measure) -> str:
    """Return a measure of a group; 0 where nothing was added up."""
    if measure.adds_watched_ms:
        value = sql.sum_if.format(value="event.watched_ms", condition="event.watched_ms >= 0")
        value = f"coalesce({value}, 0)"
    else:
        condition = takes(sql, "event", measure.step)
        if measure.also is not None:
            condition += f" AND (event.key, event.video) IN ({_paired(sql, cube, measure)})"
        value = sql.count_if.format(condition=condition)
    return f"{sql.cast(value, SIZES[measure.name])} AS {measure.name}"


def _paired(sql: Dialect, cube: Cube, measure: Measure) -> str:
    """Return the SELECT of keys, with their videos, whose impression took another step, too.

    The keys of the two differ by their steps alone. They are of one video, so that whoever counts
    some videos anew misses nothing.
    """
    also, chosen = measure.also, cube.chosen
    assert also is not None  # noqa: S101  only those are paired
    watched = f" AND also.watched_ms >= {1000 * measure.also_s}" if measure.also_s else ""
    return (
        f"SELECT also.key + ({measure.step - also}), also.video"  # noqa: S608
        f" FROM {sql.events.format(name='also')}"
        f" WHERE {takes(sql, 'also', also)}{watched} AND {_within('also', chosen)}"
    )


def _cube_events(sql: Dialect, cube: Cube) -> str:
    return _events(sql, cube.chosen, with_flags=not _FLAGGED.isdisjoint(cube.groups))


def _events(sql: Dialect, chosen: Chosen, *, with_flags: bool = False) -> str:
    """Return what to select events from: with their viewers' flags where these are asked for."""
    alone = sql.events.format(name="event")
    if not (with_flags or chosen.is_net):
        return alone
    keys_a_day = first_key(DAY_MS)
    first, last = chosen.from_key // keys_a_day, (chosen.until_key - 1) // keys_a_day
    # Of one day, which most questions are of, there is no day to work out for each event.
    day = sql.quotient.format(value="event.key", divisor=keys_a_day) if first != last else first
    return (
        f"{alone} LEFT JOIN {sql.viewer_flags}"
        f" ON flagged.viewer = event.viewer AND flagged.day = {day}"
    )


def _group(sql: Dialect, name: str) -> str:
    """Return what a group is of an event: flags are its own and its viewer's."""
    if name not in _FLAGGED:
        return group(sql, name, "event.context")
    suspicion = f"coalesce(flagged.flags, 0) * {1 << FLAGS_SHIFT}"
    both = sql.either.format(value="event.context", other=suspicion)
    return group(sql, name, sql.cast(both, SIZES["context"]))


def group(sql: Dialect, name: str, context: str) -> str:
    """Return what a group is of an event, or of a group of events, with this context."""
    position = sql.masked.format(value=context, mask=MAX_POSITION)
    device = sql.shifted.format(value=context, bits=POSITION_BITS)
    flags = sql.shifted.format(value=context, bits=FLAGS_SHIFT)
    ms = sql.shifted.format(value="event.key", bits=TIME_SHIFT)
    worked_out = {
        "context": context,
        "minute": sql.quotient.format(value=ms, divisor=MINUTE_MS),
        "hour": sql.quotient.format(value=ms, divisor=HOUR_MS),
        "flags": sql.masked.format(value=flags, mask=int(SUSPECT)),
        "device": sql.masked.format(value=device, mask=(1 << DEVICE_BITS) - 1),
        "band": f"CASE WHEN {position} < 3 THEN 0 WHEN {position} < 10 THEN 1"
        f" WHEN {position} < 30 THEN 2 ELSE 3 END",
    }
    return worked_out.get(name, f"event.{name}")


def _own_flags(sql: Dialect, event: str) -> str:
    return group(sql, "flags", f"{event}.context")


def _has_flag(sql: Dialect, event: str, flag: Flag) -> str:
    mask = int(flag) << FLAGS_SHIFT
    return f"{sql.masked.format(value=f'{event}.context', mask=mask)} <> 0"


def _is(sql: Dialect, chosen: Chosen) -> str:
    """Return SQL that says whether an event is chosen."""
    conditions = [_within("event", chosen)]
    for column, values in (("cell", chosen.cells), ("video", chosen.videos)):
        if values is not None:
            conditions.append(sql.is_one_of(f"event.{column}", SIZES[column], values))
    if chosen.viewers is not None:
        first, last = chosen.viewers
        conditions.append(f"event.viewer BETWEEN {first} AND {last}")
    if chosen.is_net:
        conditions.append(f"{_group(sql, 'flags')} = 0")
    return " AND ".join(conditions)


def _within(event: str, chosen: Chosen) -> str:
    return f"{event}.key >= {chosen.from_key} AND {event}.key < {chosen.until_key}"


def _step(sql: Dialect, event: str) -> str:
    return sql.masked.format(value=f"{event}.key", mask=(1 << STEP_BITS) - 1)


def _takes_any(sql: Dialect, steps: Collection[Step]) -> str:
    if len(steps) == len(Step):
        return "1 = 1"
    return f"{_step(sql, 'event')} IN ({', '.join(str(int(step)) for step in sorted(steps))})"
