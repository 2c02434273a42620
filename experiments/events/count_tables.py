"""The tables of counts, and how a span of each is counted anew from the events.

Counts are replaced by what the events say, never added to. Rows that say it already stay as they
are: whoever counts again what has not changed writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db.backends.utils import CursorWrapper

from experiments.advisory_locks import ROLLUP_LOCK
from experiments.events.counting import (
    ADDED_UP,
    BAND,
    DEVICE,
    FLAGS,
    HOUR,
    NAMES,
    WHOLE_SUMS,
    counted,
)
from experiments.events.keys import DAY_MS, HOUR_MS, first_key

HOURS_A_DAY = DAY_MS // HOUR_MS
Part = Mapping[str, Sequence[int]]  # by column, cell or video: the values that are meant
EVERYTHING: Part = {}
_TYPES = {"cell": "smallint", "video": "integer"}
_HOUR_START = "timestamptz '2010-01-01 00:00+00' + {number} * interval '1 hour'"


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
class CountTable:
    """One table of counts.

    Attributes:
        name: the table.
        time: the column that holds a row's time.
        unit_ms: its step in time.
        start: SQL of a row's time from its number of steps since 2010, to be filled in.
        columns: what distinguishes rows, beside the time.
        recounted: SQL of the rows that a part of a span's events make.
    """

    name: str
    time: str
    unit_ms: int
    start: str
    columns: str
    recounted: Callable[[Part], str]

    def replace(
        self, cursor: CursorWrapper, first: int, last: int, part: Part = EVERYTHING
    ) -> Counter[int]:
        """Let the rows of a span say what its events say.

        Args:
            cursor: within a transaction.
            first: the span's first unit of time, counted from 2010.
            last: the span's last one.
            part: of which cells.

        Returns:
            How many rows were taken away or written, by cell.
        """
        span = self._span(first, last) | dict(part)
        kept, columns = self._kept(part), f"{self.time}, {self.columns}"
        stale = (
            f"DELETE FROM {self.name} USING ({kept} EXCEPT TABLE fresh) AS stale"  # noqa: S608
            f" WHERE {_same(self.name, 'stale', columns)} RETURNING {self.name}.cell"
        )
        new = (
            f"INSERT INTO {self.name} ({columns}, {NAMES}) (TABLE fresh EXCEPT {kept})"
            " RETURNING cell"
        )
        with self._fresh(cursor, span, part):
            return _by_cell(cursor, stale, span) + _by_cell(cursor, new, span)

    def differences(
        self, cursor: CursorWrapper, first: int, last: int, part: Part = EVERYTHING
    ) -> list[Difference]:
        """Return the rows of a span, all or a part, that only one of counts and events has."""
        span, kept = self._span(first, last) | dict(part), self._kept(part)
        found = []
        with self._fresh(cursor, span, part):
            for side, sql in (
                ("recomputed", f"TABLE fresh EXCEPT {kept}"),
                ("stored", f"{kept} EXCEPT TABLE fresh"),
            ):
                cursor.execute(sql, span)
                found += [Difference(self.name, row, side) for row in cursor.fetchall()]
        return found

    @contextmanager
    def _fresh(self, cursor: CursorWrapper, span: Mapping[str, Any], part: Part) -> Iterator[None]:
        """Hold what the events of a span say in a table called fresh."""
        cursor.execute(f"CREATE TEMP TABLE fresh AS {self.recounted(part)}", span)
        yield
        cursor.execute("DROP TABLE fresh")

    def _kept(self, part: Part) -> str:
        """Return SQL of the rows that are kept for the span."""
        first, last = (self.start.format(number=f"%({end})s") for end in ("first", "last"))
        return (
            f"SELECT {self.time}, {self.columns}, {NAMES} FROM {self.name}"  # noqa: S608
            f" WHERE {self.time} BETWEEN {first} AND {last} AND {_where(self.name, part)}"
        )

    def _span(self, first: int, last: int) -> dict[str, Any]:
        """Return the first and last unit of a span and the bounds of its keys."""
        from_key, until_key = (first_key(n * self.unit_ms) for n in (first, last + 1))
        return {"first": first, "last": last, "from_key": from_key, "until_key": until_key}


_BY_VIDEO = {"cell": "event.cell", "flags": FLAGS, "video": "event.video"}


def _day_recounted(part: Part) -> str:
    # The day is a constant: an expression of the key would hide from the planner how few groups
    # there are, and with it the parallel plan.
    events = counted(_BY_VIDEO, _where("event", part))
    return f"SELECT date '2010-01-01' + %(first)s AS day, * FROM ({events}) AS counted"  # noqa: S608


def _video_hour_recounted(part: Part) -> str:
    events = counted({"number": HOUR, **_BY_VIDEO}, _where("event", part))
    start = _HOUR_START.format(number="number")
    return f"""
        SELECT {start} AS hour, cell, flags, video, {NAMES} FROM ({events}) AS counted"""  # noqa: S608


def _day_added_up(part: Part) -> str:
    # Hour by hour, so that some videos of each are found by the primary key.
    start = _HOUR_START.format(number=f"(%(first)s * {HOURS_A_DAY} + number)")
    return f"""
        SELECT date '2010-01-01' + %(first)s AS day, cell, flags, video, {WHOLE_SUMS}
        FROM generate_series(0, {HOURS_A_DAY - 1}) AS number
        JOIN experiments_videohourcount AS summed ON summed.hour = {start}
        WHERE {_where("summed", part)} GROUP BY cell, flags, video"""  # noqa: S608


def _hour_recounted(part: Part) -> str:
    # The raw columns make few groups: their names are worked out for each group, not each event.
    groups = {"number": HOUR, "cell": "event.cell", "context": "event.context"}
    return f"""
        SELECT {_HOUR_START.format(number="number")} AS hour,
               cell, {BAND} AS band, {DEVICE} AS device, {FLAGS} AS flags, {ADDED_UP}
        FROM ({counted(groups, _where("event", part))}) AS event
        GROUP BY number, cell, band, device, flags"""  # noqa: S608


BY_DAY = CountTable(
    name="experiments_daycount",
    time="day",
    unit_ms=DAY_MS,
    start="date '2010-01-01' + {number}",
    columns="cell, flags, video",
    recounted=_day_recounted,
)
BY_HOUR = CountTable(
    name="experiments_hourcount",
    time="hour",
    unit_ms=HOUR_MS,
    start=_HOUR_START,
    columns="cell, band, device, flags",
    recounted=_hour_recounted,
)
# Of open days alone (experiments/events/open_days.py).
BY_VIDEO_HOUR = CountTable(
    name="experiments_videohourcount",
    time="hour",
    unit_ms=HOUR_MS,
    start=_HOUR_START,
    columns="cell, flags, video",
    recounted=_video_hour_recounted,
)
BY_DAY_OF_HOURS = replace(BY_DAY, recounted=_day_added_up)


def spans(hours: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of ascending hours that follow one another."""
    for _, run in groupby(enumerate(hours), lambda numbered: numbered[1] - numbered[0]):
        span = [hour for _, hour in run]
        yield span[0], span[-1]


def begin_counting(cursor: CursorWrapper) -> None:
    """Wait, in a transaction, until no one else counts, and hold the others off to its end."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROLLUP_LOCK])
    # Where the planner cannot know how few the groups are, it would sort on disk.
    cursor.execute("SET LOCAL enable_sort = off")


def move_watermarks(cursor: CursorWrapper, cells: Iterable[int]) -> None:
    """Note that counts of these cells have changed: what was made of them is made again."""
    cursor.execute(
        "UPDATE experiments_cell SET counted = counted + 1 WHERE id = ANY(%s)", [sorted(cells)]
    )


def _where(row: str, part: Part) -> str:
    """Return SQL that says whether a row, or an event, is in the part."""
    # Of the column's own type, so that Postgres hashes the values instead of trying each.
    chosen = (f"{row}.{column} = ANY(%({column})s::{_TYPES[column]}[])" for column in part)
    return " AND ".join(chosen) or "TRUE"


def _same(one: str, other: str, columns: str) -> str:
    return " AND ".join(f"{one}.{column} = {other}.{column}" for column in columns.split(", "))


def _by_cell(cursor: CursorWrapper, change: str, parameters: Mapping[str, Any]) -> Counter[int]:
    """Make a change that returns cells; return how many rows of each it was."""
    cursor.execute(
        f"WITH changed AS ({change}) SELECT cell, count(*) FROM changed GROUP BY cell",  # noqa: S608
        parameters,
    )
    return Counter(dict(cursor.fetchall()))
