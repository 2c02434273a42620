"""Event storage: the engine that keeps events, and the one door to it."""

from functools import cache

from experiments.events.store.base import EventStore
from experiments.events.store.postgres import PostgresStore


@cache
def event_store() -> EventStore:
    """Return this process's store of events."""
    return PostgresStore()
