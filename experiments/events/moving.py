"""Moving: events leave one store for another, a day at a time; no count changes.

A day is held still where it was, copied, and counted in its new place. Only where that gives the
counts that are kept is it dropped in the old one. Killed anywhere, it is moved again: what its new
place has of it stays.
"""

from django.db import transaction

from experiments.errors import ArchiveError
from experiments.events import viewer_flags
from experiments.events.archive import refuse_waiting
from experiments.events.count_check import check
from experiments.events.keys import date_of
from experiments.events.store import event_store
from experiments.events.store.base import EventStore


def move_day(day: int, source: EventStore) -> int:
    """Move a day's events (from 2010-01-01) to the site's store; return how many.

    Raises:
        ArchiveError: where events wait to be counted, someone reads the old table, or the counts
            are others in the new place: the day is where it was.
    """
    store, moved = event_store(), 0
    with transaction.atomic():
        source.hold_still(day)
        refuse_waiting(day)
        viewer_flags.tell(day)
        for events in source.day(day):
            store.copy_new(events)
            moved += len(events.key)
        if differences := check([day]):
            raise ArchiveError(
                f"{date_of(day)} is where it was: its counts would change ({differences[0]}); "
                "`manage.py recount`, with COVERLIFT_EVENTS as before, counts them anew"
            )
        source.drop(day)
    return moved
