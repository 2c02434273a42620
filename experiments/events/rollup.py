"""From events to counts: incremental, exact, and safe to kill at any statement.

Every writer leaves a journal row with the hours that it touched, in the transaction that stores
its events. A rollup takes the journal's rows away and counts those hours and days anew from the
events, in one transaction. Why no event can slip between: the journal is read first, the events
afterwards, so that whatever a taken row announced is seen; what commits later leaves its own row
for the next time. A rollup that dies rolls back, journal and counts together. One that runs twice
finds an empty journal. docs/events.md has the argument in full.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from experiments.advisory_locks import ROLLUP_LOCK
from experiments.events.clock import now_ms
from experiments.events.keys import DAY_MS, HOUR_MS, TIME_SHIFT, first_key
from experiments.events.partitions import ensure_days
from experiments.measures import Step

HOURS_A_DAY = DAY_MS // HOUR_MS
DAYS_AHEAD = 2

_COUNTS = "served, loaded, viewable, animated, click, watched, watched_ms"
# One pass with a filter a step: half the groups, and so half the time, of grouping by step.
SUMS = ", ".join(
    [f"count(*) FILTER (WHERE key & 7 = {int(step)}) AS {step.name.lower()}" for step in Step]
    + ["coalesce(sum(watched_ms), 0) AS watched_ms"]
)
# By hour the raw columns make few groups: their names are worked out for each group, not each row.
_HOUR_SUMS = ", ".join(
    [
        f"coalesce(sum(events) FILTER (WHERE step = {int(step)}), 0)::integer"
        f" AS {step.name.lower()}"
        for step in Step
    ]
    + ["coalesce(sum(watched_ms), 0)::bigint AS watched_ms"]
)
FLAGS = "(context >> 10) & 15"
BAND = """CASE WHEN context & 255 < 3 THEN 0 WHEN context & 255 < 10 THEN 1
                WHEN context & 255 < 30 THEN 2 ELSE 3 END"""


@dataclass(frozen=True, slots=True)
class RollupResult:
    """What one rollup counted anew.

    Attributes:
        hours: how many hours had new events.
        days: how many days these hours lie in.
    """

    hours: int
    days: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of counts that is not what its events say.

    Attributes:
        table: which table of counts.
        row: the columns of a row that only one side has, counts last.
        side: "stored" or "recomputed".
    """

    table: str
    row: tuple[object, ...]
    side: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells of one day: pairs of an experiment's cell and a video."""

    pairs: tuple[tuple[int, int], ...]

    def as_parameters(self) -> dict[str, list[int]]:
        """Return the pairs as two columns; SQL takes every combination of them."""
        cells, videos = zip(*self.pairs, strict=True)
        return {"cells": sorted(set(cells)), "videos": sorted(set(videos))}


@dataclass(frozen=True, slots=True)
class _CountTable:
    """One table of counts and the SQL that counts a span of it anew.

    Attributes:
        name: the table.
        time: the column that holds a row's time.
        unit_ms: its step in time.
        start: a row's time from its number of steps since 2010, to be filled in.
        columns: what distinguishes rows, beside the time.
        recounted: SQL of the rows that the events of a span make, with the parameters of `_span`.
    """

    name: str
    time: str
    unit_ms: int
    start: str
    columns: str
    recounted: str

    @property
    def within(self) -> str:
        """SQL that says whether a kept row is in the span."""
        ends = (self.start.format(number=f"%({end})s") for end in ("first", "last"))
        return f"{self.time} BETWEEN {' AND '.join(ends)}"

    @property
    def kept(self) -> str:
        """SQL of the rows that are kept for the span."""
        return f"SELECT {self.time}, {self.columns}, {_COUNTS} FROM {self.name} WHERE {self.within}"  # noqa: S608

    def recount(self, cursor: CursorWrapper, first: int, last: int) -> None:
        """Replace the rows of a span of units of time, both ends included."""
        span = self._span(first, last)
        cursor.execute(f"CREATE TEMP TABLE fresh AS {self.recounted}", span)
        cursor.execute(f"DELETE FROM {self.name} WHERE {self.within}", span)  # noqa: S608
        cursor.execute(
            f"INSERT INTO {self.name} ({self.time}, {self.columns}, {_COUNTS}) TABLE fresh"
        )
        cursor.execute("DROP TABLE fresh")

    def differences(
        self, cursor: CursorWrapper, first: int, last: int, cells: Cells | None = None
    ) -> list[Difference]:
        """Return the rows of a span that only one of counts and events has, of all or some."""
        only = "" if cells is None else "WHERE cell = ANY(%(cells)s) AND video = ANY(%(videos)s)"
        anew = f"SELECT * FROM ({self.recounted}) AS anew {only}"  # noqa: S608  constants of ours
        kept = f"SELECT * FROM ({self.kept}) AS kept {only}"  # noqa: S608
        found = []
        for side, sql in (
            ("recomputed", f"({anew}) EXCEPT ({kept})"),
            ("stored", f"({kept}) EXCEPT ({anew})"),
        ):
            chosen = cells.as_parameters() if cells else {}
            cursor.execute(sql, {**self._span(first, last), **chosen})
            found += [Difference(self.name, row, side) for row in cursor.fetchall()]
        return found

    def _span(self, first: int, last: int) -> dict[str, int]:
        """Return the first and last unit of a span and the bounds of its keys."""
        from_key, until_key = (first_key(n * self.unit_ms) for n in (first, last + 1))
        return {"first": first, "last": last, "from_key": from_key, "until_key": until_key}


# The day is a constant: an expression of the key would hide from the planner how few groups there
# are, and with it the parallel plan.
_DAY = _CountTable(
    name="experiments_daycount",
    time="day",
    unit_ms=DAY_MS,
    start="date '2010-01-01' + {number}",
    columns="cell, flags, video",
    recounted=f"""
        SELECT date '2010-01-01' + %(first)s AS day, cell, flags, video, {_COUNTS} FROM (
            SELECT cell, {FLAGS} AS flags, video, {SUMS}
            FROM experiments_event WHERE key >= %(from_key)s AND key < %(until_key)s
            GROUP BY cell, flags, video) AS counted""",  # noqa: S608  constants of ours
)
_HOUR = _CountTable(
    name="experiments_hourcount",
    time="hour",
    unit_ms=HOUR_MS,
    start="timestamptz '2010-01-01 00:00+00' + {number} * interval '1 hour'",
    columns="cell, band, device, flags",
    recounted=f"""
        SELECT timestamptz '2010-01-01 00:00+00' + number * interval '1 hour' AS hour,
               cell, {BAND} AS band, (context >> 8) & 3 AS device, {FLAGS} AS flags, {_HOUR_SUMS}
        FROM (
            SELECT (key >> {TIME_SHIFT}) / {HOUR_MS} AS number, cell, context, key & 7 AS step,
                   count(*) AS events, sum(watched_ms) AS watched_ms
            FROM experiments_event WHERE key >= %(from_key)s AND key < %(until_key)s
            GROUP BY 1, 2, 3, 4) AS counted
        GROUP BY number, cell, band, device, flags""",  # noqa: S608
)


# Reports are kept for as long as the counts of their cells stay what they are.
_MOVE_WATERMARKS = """
UPDATE experiments_cell SET counted = counted + 1 WHERE id IN (
    SELECT DISTINCT cell FROM experiments_daycount
    WHERE day IN (SELECT date '2010-01-01' + unnest(%s::integer[])))"""


def roll_up() -> RollupResult:
    """Bring the counts up to date with every event committed so far."""
    today = now_ms() // DAY_MS
    ensure_days(range(today, today + DAYS_AHEAD + 1))
    with transaction.atomic():
        _wait_for_other_rollups()
        hours = _take_journal()
        days = sorted({hour // HOURS_A_DAY for hour in hours})
        with connection.cursor() as cursor:
            # Where the planner cannot know how few the groups are, it would sort on disk.
            cursor.execute("SET LOCAL enable_sort = off")
            for day in days:
                _DAY.recount(cursor, day, day)
                touched = [hour for hour in hours if hour // HOURS_A_DAY == day]
                _HOUR.recount(cursor, touched[0], touched[-1])
            cursor.execute(_MOVE_WATERMARKS, [days])
    return RollupResult(len(hours), len(days))


def check(days: Sequence[int]) -> list[Difference]:
    """Count days (from 2010-01-01) anew from the events and return what differs.

    Days with events that no rollup has seen yet are left out: they differ by right.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        differences: list[Difference] = []
        for day in sorted(set(days) - _waiting(cursor)):
            first = day * HOURS_A_DAY
            differences += _DAY.differences(cursor, day, day)
            differences += _HOUR.differences(cursor, first, first + HOURS_A_DAY - 1)
    return differences


def check_sample(cells: int, seed: int) -> tuple[int, list[Difference]]:
    """Count random cells (day, arm and video) anew from the events.

    Args:
        cells: how many to draw from all counts that no newer event awaits.
        seed: makes the choice repeatable.

    Returns:
        How many cells were drawn, and what differs.
    """
    differences: list[Difference] = []
    with transaction.atomic(), connection.cursor() as cursor:
        drawn = _random_cells(cursor, cells, seed)
        for day, pairs in drawn.items():
            differences += _DAY.differences(cursor, day, day, Cells(tuple(pairs)))
    return sum(map(len, drawn.values())), differences


def _random_cells(cursor: CursorWrapper, count: int, seed: int) -> dict[int, list[tuple[int, int]]]:
    """Return pairs of cell and video by day, drawn by a hash of them and the seed."""
    cursor.execute(
        "SELECT day - date '2010-01-01', cell, video FROM experiments_daycount"
        " WHERE NOT day - date '2010-01-01' = ANY(%s)"
        " ORDER BY hashtextextended(day || '/' || cell || '/' || video, %s), flags LIMIT %s",
        [sorted(_waiting(cursor)), seed, count],
    )
    drawn: dict[int, list[tuple[int, int]]] = {}
    for day, cell, video in cursor.fetchall():
        drawn.setdefault(day, []).append((cell, video))
    return drawn


def _waiting(cursor: CursorWrapper) -> set[int]:
    """Return the days with events that no rollup has seen yet."""
    cursor.execute("SELECT DISTINCT unnest(hours) / %s FROM experiments_arrival", [HOURS_A_DAY])
    return {day for (day,) in cursor.fetchall()}


def counted_days() -> list[int]:
    """Return the days (from 2010-01-01) that have counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT day - date '2010-01-01' FROM experiments_daycount ORDER BY 1"
        )
        return [day for (day,) in cursor.fetchall()]


def _wait_for_other_rollups() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROLLUP_LOCK])


def _take_journal() -> list[int]:
    """Take the journal's rows away and return their hours, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM experiments_arrival RETURNING hours)"
            " SELECT DISTINCT unnest(hours) AS hour FROM taken ORDER BY hour"
        )
        return [hour for (hour,) in cursor.fetchall()]
