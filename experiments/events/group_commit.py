"""Group commit: threads that store at the same moment share one statement and one commit.

While one thread's statement is on its way, the rows of the others gather; whoever comes next
stores all of them at once. Nobody waits longer than for the statement under way and the one that
holds their rows, and a thread that is alone waits for nothing. The database does it below, too
(its log is flushed once for several commits); this saves the statements themselves.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

Row = TypeVar("Row")


class Stored(NamedTuple):
    """What became of rows; every other one was stored before.

    Attributes:
        new: keys of the rows that are stored now.
        taken: keys of the rows that are refused, because their impression is another's.
    """

    new: list[int]
    taken: list[int]


class _Batch(Generic[Row]):
    """One caller's rows, and what became of them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.is_done = False
        self.stored = Stored([], [])
        self.error: BaseException | None = None


class GroupCommit(Generic[Row]):
    """Puts concurrent batches through one storing function, together."""

    def __init__(self, store: Callable[[Sequence[Row]], Stored], key: Callable[[Row], int]) -> None:
        """Remember how rows are stored.

        Args:
            store: stores rows with distinct keys, all or none, and says what became of them.
            key: a row's key.
        """
        self._store, self._key = store, key
        self._waiting: list[_Batch[Row]] = []
        self._gathering, self._storing = Lock(), Lock()

    def store(self, rows: Sequence[Row]) -> Stored:
        """Store rows with distinct keys; say, after the commit, what became of them.

        Of two batches with the same new row, one is told that it is new.

        Raises:
            Exception: whatever the storing function raises, to every batch that it held.
        """
        mine = _Batch(rows)
        with self._gathering:
            self._waiting.append(mine)
        with self._storing:
            if not mine.is_done:
                with self._gathering:
                    batches, self._waiting = self._waiting, []
                self._store_together(batches)
        if mine.error is not None:
            raise mine.error
        return mine.stored

    def _store_together(self, batches: Sequence[_Batch[Row]]) -> None:
        first: dict[int, _Batch[Row]] = {}
        try:
            stored = self._store(
                [
                    row
                    for batch in batches
                    for row in batch.rows
                    if first.setdefault(self._key(row), batch) is batch
                ]
            )
            for key in stored.new:
                first[key].stored.new.append(key)
            for key in stored.taken:
                first[key].stored.taken.append(key)
        except BaseException as error:  # noqa: BLE001  each batch's caller raises it
            for batch in batches:
                batch.error = error
        for batch in batches:
            batch.is_done = True
