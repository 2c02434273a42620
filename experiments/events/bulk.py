"""Bulk writing: many events at once, in one transaction, with a note of what to count."""

from collections.abc import Iterable, Iterator

import numpy as np
from django.db import IntegrityError, transaction

from experiments.events.arrivals import note
from experiments.events.columns import EventColumns, IntArray, distinct
from experiments.events.keys import DAY_MS, HOUR_MS, key_ms
from experiments.events.store import event_store


def copy_events(events: EventColumns) -> None:
    """Store events that are not there yet, all or none, and note which hours they touch.

    Raises:
        django.db.IntegrityError: where one is stored already; nothing is written.
    """
    days = key_ms(events.key) // DAY_MS
    with transaction.atomic():
        for day in distinct(days).tolist():
            of_day = np.flatnonzero(days == day)
            whole = of_day.size == days.size
            event_store().copy(day, [events if whole else events.take(of_day)])
        note(_hours(events.key))


def copy_day(day: int, parts: Iterable[EventColumns]) -> int:
    """Store a day's events (from 2010-01-01) that come part by part; return how many.

    Raises:
        django.db.IntegrityError: where one is stored already; nothing is written.
    """
    stored, hours = 0, set[int]()

    def noted() -> Iterator[EventColumns]:
        nonlocal stored
        for events in parts:
            yield events
            hours.update(_hours(events.key))
            stored += len(events.key)

    with transaction.atomic():
        event_store().copy(day, noted())
        note(sorted(hours))
    return stored


def store_new(events: EventColumns) -> IntArray:
    """Store those events that are not there yet and return their keys; keys must be distinct."""
    try:
        with transaction.atomic():
            copy_events(events)
    except IntegrityError:
        return store_beside(events)
    return events.key.astype(np.int64)


def store_beside(events: EventColumns) -> IntArray:
    """Store as `store_new` where some rows are known to be there."""
    with transaction.atomic():
        store = event_store()
        new = store.copy_new(events)
        # Whoever stored a repeat may have ended before the note of it.
        to_count = new if store.is_transactional else events.key
        if to_count.size:
            note(_hours(to_count))
    return new


def is_stored(key: int) -> bool:
    """Tell whether an event is there: a chunk whose first key is stored is stored whole."""
    return event_store().holds(key, key)


def _hours(keys: IntArray) -> list[int]:
    hours: list[int] = distinct(key_ms(keys) // HOUR_MS).tolist()
    return hours
