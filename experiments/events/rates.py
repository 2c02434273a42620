"""Limits on how fast one viewer, or one network, may send: a flood waits, and nothing is lost.

A token bucket each: so much at once, and then so much a second. Whoever is over is told to send the
same again later, which the beacon does by itself. Each web process counts what reaches it, so the
limits are those of one process.
"""

import math
import time
from collections.abc import Callable, Mapping
from threading import Lock

from experiments.errors import TooFastError

MAX_KNOWN = 100_000
# An honest page of 100 slots tells at most 600 steps; 20 a second is such a page every half minute.
VIEWER_BURST_EVENTS, VIEWER_EVENTS_PER_S = 3_000, 20.0
# An office of 600 busy people, or a site whose server passes its viewers' events on: 2,000 events
# a second, at 120 bytes.
NETWORK_BURST_BYTES, NETWORK_BYTES_PER_S = 10_000_000, 250_000.0


class RateLimit:
    """A bucket for each key, full at first; those that are full again are forgotten."""

    def __init__(
        self, burst: float, per_s: float, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._per_s, self._now_s = burst, per_s, now_s
        self._lock = Lock()
        self._full_at_s: dict[int | str, float] = {}  # when a bucket is full again

    def take(self, amounts: Mapping[int, float] | Mapping[str, float]) -> None:
        """Take from several buckets, all or none; one that holds anything gives what it lacks.

        Raises:
            TooFastError: where one is empty.
        """
        now_s = self._now_s()
        with self._lock:
            waits = [self._full_at_s.get(key, 0.0) - now_s for key in amounts]
            over_s = max(waits, default=0.0) - self._burst / self._per_s
            if over_s >= 0:
                raise TooFastError(math.ceil(over_s) or 1)
            if len(self._full_at_s) + len(amounts) > MAX_KNOWN:
                self._forget_full(now_s)
            for key, amount in amounts.items():
                full_at_s = max(self._full_at_s.get(key, 0.0), now_s)
                self._full_at_s[key] = full_at_s + amount / self._per_s

    def _forget_full(self, now_s: float) -> None:
        busy = {key: full for key, full in self._full_at_s.items() if full > now_s}
        # A crowd of that many busy ones is no flood of one: they begin anew.
        self._full_at_s = busy if len(busy) < MAX_KNOWN // 2 else {}


viewer_rate = RateLimit(VIEWER_BURST_EVENTS, VIEWER_EVENTS_PER_S)
network_rate = RateLimit(NETWORK_BURST_BYTES, NETWORK_BYTES_PER_S)
