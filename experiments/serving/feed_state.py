"""The state that feeds are served from: a snapshot that is never old, ids for impressions."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import DatabaseError, InterfaceError

from experiments.errors import NotReadyError
from experiments.events.given import GivenTally
from experiments.events.ids import IdSource
from experiments.serving.snapshot import Snapshot, read_snapshot, read_version

logger = logging.getLogger(__name__)
RENEW_AFTER_S = 2.5
MAX_AGE_S = 5.0
DATABASE_AWAY = (DatabaseError, InterfaceError)


@dataclass(frozen=True, slots=True)
class _Held:
    """A snapshot with its version, and when it was last known to be the present one."""

    snapshot: Snapshot
    version: int
    known_at_s: float


class FeedState:
    """Owns snapshot, ids and tally; the requests that ask for them keep them fresh.

    A young snapshot costs nothing. From ``RENEW_AFTER_S`` on one request renews it while the
    others go on with it. None is handed out that is older than ``MAX_AGE_S``: who finds it so
    waits for the one who renews it. Renewing asks the database for the version of what can be
    shown, and reads it only where it has changed; its age counts from before that question.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.ids = IdSource()
        self.given = GivenTally()
        self._now_s = now_s
        self._held: _Held | None = None
        self._failed_at_s = -math.inf
        self._renewing = threading.Lock()

    def snapshot(self) -> Snapshot:
        """Return what can be shown, as of at most ``MAX_AGE_S`` ago.

        Raises:
            DatabaseError: where a newer one is needed and the database does not answer.
            NotReadyError: the same, for those who waited; or where reading takes too long.
        """
        held = self._held
        if held is None or self._age_s(held) > MAX_AGE_S:
            held = self._newer()
        elif self._age_s(held) > RENEW_AFTER_S and self._renewing.acquire(blocking=False):
            held = self._renewed_ahead(held)
        return held.snapshot

    @property
    def snapshot_age_s(self) -> float:
        """How old the snapshot is at most; nan where there is none yet."""
        return math.nan if self._held is None else self._age_s(self._held)

    def refresh(self) -> None:
        """Renew the snapshot now."""
        with self._renewing:
            self._renew()

    def _newer(self) -> _Held:
        """Wait for whoever renews the snapshot, or be the one who does."""
        asked_at_s = self._now_s()
        with self._renewing:
            if self._failed_at_s >= asked_at_s:
                raise NotReadyError("the database does not answer; try again soon")
            try:
                return self._fresh()
            except DATABASE_AWAY:
                self._failed_at_s = self._now_s()
                raise

    def _fresh(self) -> _Held:
        held = self._held
        for _ in range(2):  # where reading took long, the second asks whether it still holds
            if held is None or self._age_s(held) > MAX_AGE_S:
                held = self._renew()
        if held is None or self._age_s(held) > MAX_AGE_S:
            raise NotReadyError("what can be shown changes while it is read; try again soon")
        return held

    def _renewed_ahead(self, held: _Held) -> _Held:
        """Renew the snapshot, and go on with the one held where that fails: it is still good."""
        try:
            return self._renew()
        except DATABASE_AWAY as error:
            logger.warning("the feed's snapshot could not be renewed: %s", error)
            return held
        finally:
            self._renewing.release()

    def _renew(self) -> _Held:
        known_at_s, version = self._now_s(), read_version()
        if self._held is not None and self._held.version == version:
            held = replace(self._held, known_at_s=known_at_s)
        else:
            before = self._held.snapshot if self._held else None
            held = _Held(read_snapshot(before), version, known_at_s)
        self._held = held
        self._renew_ids()
        self._write_given()
        return held

    def _renew_ids(self) -> None:
        try:
            self.ids.renew()
        except (NotReadyError, *DATABASE_AWAY) as error:  # the block held is good for an hour yet
            logger.warning("no new block of impression ids: %s", error)

    def _write_given(self) -> None:
        try:
            self.given.write()
        except DATABASE_AWAY as error:  # it is kept for the next time
            logger.warning("the impressions given out could not be counted: %s", error)

    def _age_s(self, held: _Held) -> float:
        return self._now_s() - held.known_at_s
