"""Impressions drawn by hypothesis, and what they count by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.impressions import Row
from experiments.events.keys import DAY_MS, date_of, impression_id, pack_context
from experiments.measures import EVENTS_OF, Step

FIRST_DAY = 6_200
DAYS = 3
Group = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """One impression's steps; each comes with flags of its own.

    Attributes:
        at_ms: after the first day began.
        steps: flags of each step that it took.
        watched_ms: for how long, where it was watched.
    """

    at_ms: int = 0
    cell: int = 1
    video: int = 1
    position: int = 0
    steps: Mapping[Step, int] | None = None
    watched_ms: int = 0

    @property
    def taken(self) -> Mapping[Step, int]:
        """Flags by step: a click unless another journey is told of."""
        return {Step.CLICK: 0} if self.steps is None else self.steps


JOURNEY = st.builds(
    Journey,
    at_ms=st.integers(0, DAYS * DAY_MS - 1),
    cell=st.integers(1, 2),
    video=st.integers(1, 2),
    position=st.integers(0, 40),
    steps=st.dictionaries(st.sampled_from(Step), st.sampled_from([0, 0, 0, 1, 16]), min_size=1),
    watched_ms=st.sampled_from([0, 9_999, 10_000, 60_000]),
)


def event_rows(
    journeys: Sequence[Journey], first: int = 0, first_day: int = FIRST_DAY
) -> list[Row]:
    """Return the journeys' events; ``first`` numbers the impressions, apart from earlier ones."""
    return [
        (
            impression_id(first_day * DAY_MS + journey.at_ms, number >> 9, number & 511) | step,
            1,
            journey.video,
            journey.cell,
            pack_context(journey.position, 1, flags),
            journey.watched_ms if step is Step.WATCHED else None,
        )
        for number, journey in enumerate(journeys, first)
        for step, flags in journey.taken.items()
    ]


def store(journeys: Sequence[Journey], first: int = 0, first_day: int = FIRST_DAY) -> None:
    """Store the journeys' events at once, as files are."""
    rows = event_rows(journeys, first, first_day)
    if rows:
        copy_events(as_columns(rows))


def as_columns(rows: Sequence[Row]) -> EventColumns:
    """Return one row or more as bulk writers have them."""
    *columns, watched_ms = (list(column) for column in zip(*rows, strict=True))
    watched = [-1 if ms is None else ms for ms in watched_ms]
    return EventColumns(*np.array([*columns, watched], dtype=np.int64))


def counted_by_hand(
    journeys: Sequence[Journey], first_day: int = FIRST_DAY
) -> dict[Group, Counter[str]]:
    """Count in Python: measures by (day, cell, flags, video)."""
    found: dict[Group, Counter[str]] = {}
    for journey in journeys:
        day = date_of(first_day + journey.at_ms // DAY_MS)
        for step, flags in journey.taken.items():
            group = found.setdefault((day, journey.cell, flags & 15, journey.video), Counter())
            group[EVENTS_OF[step]] += 1
            if step is Step.WATCHED:
                group["watched_ms"] += journey.watched_ms
            long = Step.WATCHED in journey.taken and journey.watched_ms >= 10_000
            if step is Step.CLICK and long:
                group["watched_clicks"] += 1
    return found
