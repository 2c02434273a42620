"""Impression ids for this process: unique by construction, in the order of time."""

import os
import socket
import threading
import uuid
from collections.abc import Callable

from experiments.errors import NotReadyError
from experiments.events.clock import now_ms
from experiments.events.id_blocks import Block, lease_block
from experiments.events.keys import HOUR_MS, SEQUENCES, impression_id

BLOCK_MS = 2 * HOUR_MS


class IdSource:
    """Hands out ids from a leased block; `renew` leases the next one before it runs out."""

    def __init__(self, now_ms: Callable[[], int] = now_ms) -> None:
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._block = Block(0, 0, 0)
        self._next = (0, 0)  # millisecond and sequence of the next id

    def renew(self) -> None:
        """Lease a block where less than half of the present one is left."""
        now = self._now_ms()
        if self._block.until_ms - now > BLOCK_MS // 2:
            return
        owner = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4()}"
        block = lease_block(now, now + BLOCK_MS, owner)
        with self._lock:
            self._block, self._next = block, (now, 0)

    def take(self, count: int) -> list[int]:
        """Return new ids; more than 512 in a millisecond borrow from the next ones.

        Raises:
            NotReadyError: where the block has run out because the database was away for long.
        """
        ids = []
        now = self._now_ms()
        with self._lock:
            ms, sequence = max(self._next, (now, 0))
            for _ in range(count):
                if ms >= self._block.until_ms:
                    raise NotReadyError("no block of impression ids is held; try again soon")
                ids.append(impression_id(ms, self._block.number, sequence))
                ms, sequence = (ms, sequence + 1) if sequence + 1 < SEQUENCES else (ms + 1, 0)
            self._next = ms, sequence
        return ids
