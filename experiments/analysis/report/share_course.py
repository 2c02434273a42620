"""The arms' shares of the units, looked at every day, by what was computed aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from experiments.analysis.layout import Layout
from experiments.analysis.report.formatting import p_value, whole
from experiments.analysis.stats.srm_slices import sequential_srm
from experiments.models import TwoWayError


@dataclass(frozen=True, slots=True)
class PhaseUnits:
    """Units first seen in a phase, by arm, (K,): `seen`, and `expected` by the phase's shares."""

    number: int
    seen: tuple[int, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ShareCourse:
    """The shares of new units, day by day.

    Attributes:
        units: how many there are.
        days: when was looked, `p_values` so far at each: they hold however often one looks.
        threshold: below which a look is an alarm.
        alarm_on: the first day with an alarm; None for none.
        phases: in the order of time.
    """

    units: int
    days: tuple[date, ...]
    p_values: tuple[float, ...]
    threshold: float
    alarm_on: date | None
    phases: tuple[PhaseUnits, ...]


def read_share_course(found: TwoWayError | None, layout: Layout) -> ShareCourse | None:
    """Return how the shares went; None before it was computed, and without any unit."""
    rows: Sequence[Mapping[str, Any]] = (found.cuts or {}).get("new_units", []) if found else []
    if not rows:
        return None
    units = np.array([row["units"] for row in rows], np.int64)
    phase = np.array([row["phase"] for row in rows], np.int64)
    course = sequential_srm(units, layout.shares[phase])
    # A day in which the shares changed has a row a phase: the last is the day's.
    by_day = {row["day"]: p for row, p in zip(rows, course.p_values.tolist(), strict=True)}
    alarm = course.alarm_at
    return ShareCourse(
        units=int(units.sum()),
        days=tuple(map(date.fromisoformat, by_day)),
        p_values=tuple(by_day.values()),
        threshold=course.threshold,
        alarm_on=None if alarm is None else date.fromisoformat(rows[alarm - 1]["day"]),
        phases=tuple(
            PhaseUnits(layout.phases[place].number, *_shares(units[phase == place], layout, place))
            for place in np.unique(phase).tolist()
        ),
    )


def said(course: ShareCourse) -> str:
    """Return what the course says, in one sentence."""
    p = f"p {p_value(course.p_values[-1])}"
    units = f"the {whole(course.units)} units, each on the day of its first view,"
    if course.alarm_on is None:
        return f"Looked at every day, {units} got their shares ({p}, which holds at every look)."
    return (
        f"Looked at every day, {units} left their shares: the first alarm was on "
        f"{course.alarm_on} ({p} by now, which holds at every look). Find out what changed then."
    )


def _shares(
    units: np.ndarray, layout: Layout, place: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    seen, shares = units.sum(axis=0), layout.shares[place]
    expected = seen.sum() * shares / shares.sum()
    return tuple(seen.tolist()), tuple(expected.tolist())
