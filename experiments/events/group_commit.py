"""Group commit: threads that ask at the same moment are answered by one of them, together.

While one thread works, what the others bring gathers; the first of them then works for all. Where
several were answered together the time before, it waits a moment for as many: those who have just
heard come back with more (PostgreSQL's commit_delay does it below, for the flush of its log alone).
A thread that is alone waits for nothing. No other thread runs meanwhile: in one process they would
only pass Python's lock from hand to hand, which costs more than the work.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Told = TypeVar("Told")
GATHERING_S = 0.002


class _Place(Generic[Item, Told]):
    """One thread's place in the queue, and what it is told in the end."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.leads = False
        self.called = Lock()  # held until it is told, or called to lead
        self.told: Told | None = None
        self.error: BaseException | None = None


class GroupCommit(Generic[Item, Told]):
    """Puts what concurrent threads bring through one function, together."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Told]]) -> None:
        """Remember the work.

        Args:
            work: says of each item what its thread is told; never runs twice at once.
        """
        self._work = work
        self._lock = Lock()
        self._waiting: list[_Place[Item, Told]] = []
        self._is_led = False
        self._usual = 1  # how many were answered together the time before
        self._missing = 0  # of as many, while somebody waits for them
        self._enough = Lock()
        self._enough.acquire()

    def do(self, item: Item) -> Told:
        """Return what the work says of an item, after the work for all of its group is done.

        Raises:
            BaseException: whatever the work raises, to all of its group.
        """
        mine = _Place[Item, Told](item)
        mine.called.acquire()
        with self._lock:
            self._waiting.append(mine)
            mine.leads, self._is_led = not self._is_led, True
            if self._missing:
                self._missing -= 1
                if not self._missing:
                    self._enough.release()
        if not mine.leads:
            mine.called.acquire()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.told  # type: ignore[return-value]

    def _lead(self) -> None:
        group = self._gather()
        try:
            for place, told in zip(group, self._work([place.item for place in group]), strict=True):
                place.told = told
        except BaseException as error:  # noqa: BLE001  each raises it
            for place in group:
                place.error = error
        with self._lock:
            self._is_led = bool(self._waiting)
            for place in self._waiting[:1]:
                place.leads = True
                place.called.release()
        for place in group[1:]:
            place.called.release()

    def _gather(self) -> Sequence[_Place[Item, Told]]:
        """Take all that wait, once there are as many as the time before or a moment has passed."""
        with self._lock:
            self._missing = max(self._usual - len(self._waiting), 0)
            waits = bool(self._missing)
        if waits:
            self._enough.acquire(timeout=GATHERING_S)
        with self._lock:
            group, self._waiting = self._waiting, []
            self._usual, self._missing = len(group), 0
            self._enough.acquire(blocking=False)  # it may have been let go in the last instant
        return group
