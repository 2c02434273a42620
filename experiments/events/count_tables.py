"""Tables of counts, and how a span of one is counted anew from the events, or from another table.

experiments/events/counts_by_time.py has them all.

Counts are replaced by what the events say, never added to. Rows that say it already stay as they
are: whoever counts again what has not changed writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.backends.utils import CursorWrapper

from experiments.advisory_locks import ROLLUP_LOCK
from experiments.events.keys import first_key
from experiments.events.store import event_store
from experiments.events.store.cubes import Chosen, Cube
from experiments.measures import MEASURES

NAMES = ", ".join(measure.name for measure in MEASURES)
Part = Mapping[str, Sequence[int]]  # by column, cell or video: the values that are meant
EVERYTHING: Part = {}
_TYPES = {"cell": "smallint", "video": "integer"}


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
        groups: by which the events of a span are counted; none where they are not read.
        made_of: SQL of the table's rows, of what was counted, by name, and of a part.
    """

    name: str
    time: str
    unit_ms: int
    start: str
    columns: str
    groups: Sequence[str]
    made_of: Callable[[str, Part], str]

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
        with self.fresh(cursor, first, last, part):
            return _by_cell(cursor, stale, span) + _by_cell(cursor, new, span)

    def differences(
        self, cursor: CursorWrapper, first: int, last: int, part: Part = EVERYTHING
    ) -> list[Difference]:
        """Return the rows of a span, all or a part, that only one of counts and events has."""
        span, kept = self._span(first, last) | dict(part), self._kept(part)
        found = []
        with self.fresh(cursor, first, last, part):
            for side, sql in (
                ("recomputed", f"TABLE fresh EXCEPT {kept}"),
                ("stored", f"{kept} EXCEPT TABLE fresh"),
            ):
                cursor.execute(sql, span)
                found += [Difference(self.name, row, side) for row in cursor.fetchall()]
        return found

    @contextmanager
    def fresh(
        self, cursor: CursorWrapper, first: int, last: int, part: Part = EVERYTHING
    ) -> Iterator[None]:
        """Hold what the events of a span say, counted once, under the name fresh."""
        span = self._span(first, last) | dict(part)
        chosen = Chosen(
            span["from_key"], span["until_key"], cells=part.get("cell"), videos=part.get("video")
        )
        cube = Cube(self.groups, chosen)
        store = event_store()
        kind = "VIEW" if self.groups and store.holds_cubes else "TABLE"
        with store.rows_of(cube) if self.groups else nullcontext("") as rows:
            cursor.execute(f"CREATE TEMP {kind} fresh AS {self.made_of(rows, part)}", span)
            yield
            cursor.execute(f"DROP {kind} fresh")

    def _kept(self, part: Part) -> str:
        """Return SQL of the rows that are kept for the span."""
        first, last = (self.start.format(number=f"%({end})s") for end in ("first", "last"))
        return (
            f"SELECT {self.time}, {self.columns}, {NAMES} FROM {self.name}"  # noqa: S608
            f" WHERE {self.time} BETWEEN {first} AND {last} AND {where_part(self.name, part)}"
        )

    def _span(self, first: int, last: int) -> dict[str, Any]:
        """Return the first and last unit of a span and the bounds of its keys."""
        from_key, until_key = (first_key(n * self.unit_ms) for n in (first, last + 1))
        return {"first": first, "last": last, "from_key": from_key, "until_key": until_key}


def spans(units: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of ascending units that follow one another."""
    for _, run in groupby(enumerate(units), lambda numbered: numbered[1] - numbered[0]):
        span = [unit for _, unit in run]
        yield span[0], span[-1]


def begin_counting(cursor: CursorWrapper) -> None:
    """Wait, in a transaction, until no one else counts, and hold the others off to its end."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROLLUP_LOCK])
    # Where the planner cannot know how few the groups are, it would sort on disk.
    cursor.execute("SET LOCAL enable_sort = off")
    # Where it thinks that a step to be looked up does not fit, it would search all for each click.
    cursor.execute("SET LOCAL work_mem = '64MB'")


def move_watermarks(cursor: CursorWrapper, cells: Iterable[int]) -> None:
    """Note that counts of these cells have changed: what was made of them is made again."""
    cursor.execute(
        "UPDATE experiments_cell SET counted = counted + 1 WHERE id = ANY(%s)", [sorted(cells)]
    )


def where_part(row: str, part: Part) -> str:
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
