"""Views and clicks one by one, a span of impressions at a time, net of suspects.

For what no sums by groups can say. Every event is in an hour that has counts of its cell, or in
one that an arrival names; within one snapshot both are read, and no event is missed. A busy hour
is read in several spans, so that no read needs much memory.
"""

from collections.abc import Collection
from itertools import pairwise

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from experiments.advisory_locks import ROLLUP_LOCK
from experiments.events.keys import HOUR_MS, first_key
from experiments.events.store import event_store
from experiments.events.store.cubes import Chosen
from experiments.measures import Step

EVENTS_AT_ONCE = 500_000  # about, of those that are counted
Rows = NDArray[np.void]
TimeSpan = tuple[int, int]
ROW = np.dtype([
    ("viewer", np.int64), ("key", np.int64), ("video", np.int32), ("cell", np.int16),
    ("context", np.int16),
])  # fmt: skip
_HOURS = """
SELECT hour, sum(events)::bigint FROM (
    SELECT (extract(epoch FROM hour - timestamptz '2010-01-01 00:00+00') / 3600)::integer AS hour,
        coalesce(views, 0) + coalesce(clicks, 0) AS events
    FROM experiments_hourcount WHERE cell = ANY(%s::smallint[])
    UNION ALL SELECT unnest(hours), 0 FROM experiments_arrival
) AS counted GROUP BY hour ORDER BY hour
"""


def spans_with_events(cells: Collection[int]) -> list[TimeSpan]:
    """Return spans that may have an event of any of these cells, ascending.

    Each is its first millisecond since 2010 and the one after its last, within an hour.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [list(cells)])
        return [
            span for hour, events in cursor.fetchall() for span in _spans(hour * HOUR_MS, events)
        ]


def _spans(from_ms: int, events: int) -> list[TimeSpan]:
    """Divide an hour by how many events it has."""
    number = events // EVENTS_AT_ONCE + 1
    ends = [from_ms + HOUR_MS * part // number for part in range(number + 1)]
    return list(pairwise(ends))


def views_and_clicks(cells: Collection[int], span: TimeSpan) -> Rows:
    """Return the views and clicks of these cells' impressions of a span, keys ascending."""
    chosen = Chosen(first_key(span[0]), first_key(span[1]), cells, is_net=True)
    with transaction.atomic(), connection.cursor() as cursor:
        # Not beside a rollup: together they would take two of the database's cores.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROLLUP_LOCK])
        found = event_store().events(chosen, (Step.VIEWABLE, Step.CLICK), ROW.names or ())
        transaction.set_rollback(True)  # which gives the lock back
    rows = np.empty(found["key"].size, dtype=ROW)
    order = np.argsort(found["key"], kind="stable")
    for name in ROW.names or ():
        rows[name] = found[name][order]
    return rows
