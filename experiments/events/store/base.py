"""The store of events: what every engine that keeps them must do, and what it is asked.

Counts, experiments and reports are Postgres' own; of the events, they know this alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np

from experiments.events.columns import BYTES, EventColumns, IntArray
from experiments.events.impressions import Row, View
from experiments.events.keys import HOUR_MS, HOURS_A_DAY, first_key
from experiments.events.store import cubes
from experiments.events.store.cubes import Chosen, Cube
from experiments.events.store.dialect import Dialect
from experiments.measures import Step

Columns = Mapping[str, IntArray]


class EventStore(ABC):
    """An engine with events in it: each key once, the row that came first.

    Attributes:
        sql: its dialect.
        is_transactional: whether what it stores commits, and rolls back, with Postgres.
        holds_cubes: whether `rows_of` has counted a cube already, and does not when it is read.
    """

    sql: Dialect
    is_transactional: bool
    holds_cubes: bool

    @abstractmethod
    def append(self, rows: Sequence[Row]) -> list[int]:
        """Store rows of distinct keys that are not there yet, and note what is to be counted.

        Returns:
            The keys of the new ones.
        """

    @abstractmethod
    def copy(self, day: int, parts: Iterable[EventColumns]) -> None:
        """Store a day's events (from 2010-01-01), within a transaction of Postgres.

        Raises:
            django.db.IntegrityError: where one is stored already.
        """

    @abstractmethod
    def copy_new(self, events: EventColumns) -> IntArray:
        """Store those events of distinct keys that are not there yet, and return their keys."""

    @abstractmethod
    def holds(self, first: int, last: int) -> bool:
        """Tell whether any event is stored from the first to the last key."""

    @abstractmethod
    def views(self, keys: Collection[int]) -> list[View]:
        """Return what is stored of these keys, a batch's."""

    @abstractmethod
    def many_views(self, keys: IntArray) -> IntArray:
        """Return key, viewer, video, cell and context of stored keys, (5, M), keys ascending.

        Args:
            keys: ascending, (N,).
        """

    @abstractmethod
    def read(self, select: str, columns: Sequence[str]) -> Columns:
        """Return the rows of a statement of whole numbers, none NULL, in columns.

        Args:
            select: the statement, in the engine's dialect.
            columns: names of its columns, each of a size that `cubes.SIZES` has.
        """

    @abstractmethod
    def rows_of(self, cube: Cube) -> AbstractContextManager[str]:
        """Hold a cube where Postgres can read it, in a transaction; yield SQL to select from."""

    @abstractmethod
    def days(self) -> set[int]:
        """Return the days, from 2010-01-01, that may have events."""

    @abstractmethod
    def prepare(self, days: Iterable[int]) -> None:
        """Make room for the events of days to come."""

    @abstractmethod
    def hold_still(self, day: int) -> None:
        """Let nobody else store events of a day until the transaction of Postgres ends."""

    @abstractmethod
    def drop(self, day: int) -> None:
        """Take away a day's events once the transaction of Postgres is committed."""

    @abstractmethod
    def tell_flags(self, day: int, viewers: IntArray, flags: IntArray) -> None:
        """Let counting know viewers' flags, before Postgres' transaction says that they are new."""

    @abstractmethod
    def rename_viewer(self, viewer: int, new: int) -> int:
        """Give a viewer's events another viewer's number; return how many."""

    def counted(self, cube: Cube) -> Columns:
        """Return a cube's groups and measures."""
        return self.read(cubes.counted(self.sql, cube), cube.columns)

    def events(self, chosen: Chosen, steps: Collection[Step], columns: Sequence[str]) -> Columns:
        """Return columns of the chosen events of some steps, in no order."""
        return self.read(cubes.events(self.sql, chosen, steps, columns), columns)

    def activity(self, chosen: Chosen) -> Columns:
        """Return viewer, hour, events, views, implied views and clicks, by viewer and hour."""
        columns = ["viewer", "hour", "events", "views", "implied", "clicks"]
        return self.read(cubes.activity(self.sql, chosen), columns)

    def cleaner_clicks(self, chosen: Chosen) -> Columns:
        """Return viewer and flags of views that are more suspect than their clicks."""
        return self.read(cubes.cleaner_clicks(self.sql, chosen), ["viewer", "flags"])

    def day(self, day: int, cells: Collection[int] | None = None) -> Iterator[EventColumns]:
        """Yield a day's events (from 2010-01-01), those of an hour at once, keys ascending."""
        for hour in range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY):
            span = Chosen(first_key(hour * HOUR_MS), first_key((hour + 1) * HOUR_MS), cells)
            found = self.events(span, list(Step), list(BYTES))
            if found["key"].size:
                order = np.argsort(found["key"])
                yield EventColumns(*(found[name][order].astype(np.int64) for name in BYTES))
