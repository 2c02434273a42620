"""Flags of viewers: whose events of a day are suspect, in a table that counting joins.

An event's own flags come with it and never change; what is found out of its viewer later is said
here, once for all of the day's events, also of those that are still to come.
"""

from dataclasses import replace

import numpy as np
from django.db import connection

from experiments.events.columns import EventColumns, IntArray
from experiments.events.keys import FLAGS_SHIFT
from experiments.events.store import event_store
from experiments.models import ViewerFlag

_ADD = """
INSERT INTO experiments_viewerflag AS kept (viewer, day, flags)
SELECT suspect.viewer, %s, suspect.flags
FROM unnest(%s::bigint[], %s::smallint[]) AS suspect (viewer, flags) ORDER BY 1
ON CONFLICT (viewer, day) DO UPDATE SET flags = kept.flags | EXCLUDED.flags
WHERE kept.flags | EXCLUDED.flags <> kept.flags
RETURNING viewer
"""


def add_flags(day: int, viewers: IntArray, flags: IntArray) -> IntArray:
    """Flag viewers on a day, counted from 2010-01-01.

    Args:
        day: of their impressions.
        viewers: distinct, (N,).
        flags: of each, (N,).

    Returns:
        Those who did not have all of these flags before, ascending.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [day, viewers.tolist(), flags.tolist()])
        return np.array(sorted(viewer for (viewer,) in cursor.fetchall()), dtype=np.int64)


def tell(day: int) -> None:
    """Let a store to which a day's events come count them with the flags of their viewers."""
    event_store().tell_flags(day, *_of_day(day))


def with_flags(day: int, events: EventColumns) -> EventColumns:
    """Return a day's events with the flags of their viewers beside their own."""
    viewers, flags = _of_day(day)
    if not viewers.size:
        return events
    place = np.searchsorted(viewers, events.viewer).clip(max=viewers.size - 1)
    known = viewers[place] == events.viewer
    suspicion = np.where(known, flags[place] << FLAGS_SHIFT, 0)
    return replace(events, context=events.context | suspicion)


def _of_day(day: int) -> tuple[IntArray, IntArray]:
    """Return the viewers who have flags on a day, ascending, and the flags of each."""
    of_day = ViewerFlag.objects.filter(day=day).order_by("viewer").values_list("viewer", "flags")
    viewers, flags = np.array(list(of_day), dtype=np.int64).reshape(-1, 2).T
    return viewers, flags


def rename(viewer: int, new: int) -> None:
    """Give a viewer's flags to another number."""
    ViewerFlag.objects.filter(viewer=viewer).update(viewer=new)
