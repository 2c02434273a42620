"""Patience with the database: a process that answers people ends its waiting by itself.

A server that hangs (a stalled disk, a stopped process) still holds its connections open, so that
neither TCP nor the server's own limit ends a statement: only a limit at this end does.
"""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from django.conf import settings
from psycopg import OperationalError

Answer = TypeVar("Answer")


class UnansweredError(OperationalError):
    """The database gave no answer in time, or is known to hang."""


class Patience:
    """How long this process waits for an answer, and whether others wait for the same.

    Workers and commands wait for ever. Where waiting ends (``ends``), the first that waits in vain
    finds that the database hangs: from then on one thread at a time tries it, and the others are
    told at once, so that they are free for what needs no database.
    """

    def __init__(self) -> None:
        self.ends = False
        self._hangs = False
        self._trying = Lock()

    @property
    def limit_s(self) -> int | None:
        """How long a statement may take; None for ever."""
        limit_s: int = settings.STATEMENT_TIME_S
        return limit_s if self.ends else None

    def wait_for(self, answer: Callable[[], Answer]) -> Answer:
        """Return what the database answers.

        Args:
            answer: waits for it, and raises UnansweredError at the limit.

        Raises:
            UnansweredError: where it gives none.
        """
        if not self._hangs:
            return self._try(answer)
        if not self._trying.acquire(blocking=False):
            raise UnansweredError("the database hangs")
        try:
            return self._try(answer)
        finally:
            self._trying.release()

    def _try(self, answer: Callable[[], Answer]) -> Answer:
        try:
            answered = answer()
        except UnansweredError:
            self._hangs = True
            raise
        self._hangs = False
        return answered


patience = Patience()
