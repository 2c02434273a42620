"""Networks that viewers come from: one program has as many viewers as it likes, and one network.

What is kept for some days is which viewers came from which network, both as keyed hashes; the
search for bots adds up what the viewers of each did (experiments/events/bots.py).
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import ip_address
from threading import Lock

import numpy as np
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from experiments.events.columns import IntArray
from experiments.events.tokens import viewer_number
from experiments.models import NetworkVisit

logger = logging.getLogger(__name__)
WRITE_AFTER_S = 5.0
MAX_KNOWN = 200_000
Visit = tuple[int, int, int]  # day since 2010, network, viewer


@lru_cache(maxsize=20_000)
def is_client(address: str) -> bool:
    """Tell a client's address: one that the internet does not know is a neighbour's."""
    return ip_address(address).is_global


class VisitLog:
    """Notes who came from where, and writes what is new every few seconds.

    A process that is killed loses what it has not written yet: these are no events.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = Lock()
        self._known: set[Visit] = set()
        self._new: set[Visit] = set()
        self._written_at_s = -float("inf")

    def note(self, address: str, visits: Iterable[tuple[int, int]]) -> None:
        """Note the days (since 2010) and viewers of events that came from a client's address."""
        if not is_client(address):
            return
        network = viewer_number(f"network {address}", settings.VIEWER_KEY)
        with self._lock:
            self._new |= {(day, network, viewer) for day, viewer in visits} - self._known
            if not self._new or self._now_s() - self._written_at_s < WRITE_AFTER_S:
                return
            self._written_at_s = self._now_s()
            new, self._new = self._new, set()
            if len(self._known) > MAX_KNOWN:
                self._known.clear()
            self._known |= new
        _write(new)


def _write(visits: Iterable[Visit]) -> None:
    """Write visits; where the database does not take them, they are lost, and the log says so."""
    rows = [NetworkVisit(day=day, network=net, viewer=viewer) for day, net, viewer in visits]
    try:
        NetworkVisit.objects.bulk_create(rows, ignore_conflicts=True)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("%d visits of networks were not noted: %s", len(rows), error)


def visits(day: int) -> IntArray:
    """Return network and viewer of each visit of a day (since 2010), (2, N)."""
    of_day = NetworkVisit.objects.filter(day=day).values_list("network", "viewer")
    return np.array(list(of_day), dtype=np.int64).reshape(-1, 2).T


def forget_before(day: int) -> None:
    """Delete the visits of days (since 2010) before this one."""
    NetworkVisit.objects.filter(day__lt=day).delete()


visit_log = VisitLog()
