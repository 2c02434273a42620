"""Times and sizes of batches of events, as this machine's web processes take them.

Each process counts for itself; where PROMETHEUS_MULTIPROC_DIR names a folder, all of one machine
count into files there, and any of them answers for all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

BOUNDS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
BOUNDS_EVENTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

_seconds = Histogram(
    "coverlift_ingest_seconds", "Until a batch was stored", registry=None, buckets=BOUNDS_S
)
_events = Histogram(
    "coverlift_batch_events", "Events in a batch", registry=None, buckets=BOUNDS_EVENTS
)


@contextmanager
def timed_batch() -> Iterator[None]:
    """Time a batch that is stored; one that is not is no measure of storing."""
    began_s = perf_counter()
    yield
    _seconds.observe(perf_counter() - began_s)


def note_size(events: int) -> None:
    """Note how many events a batch had."""
    _events.observe(events)


def register(registry: CollectorRegistry) -> None:
    """Let a scrape read them."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return
    registry.register(_seconds)
    registry.register(_events)
