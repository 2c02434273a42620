"""Views and clicks one by one, a span of impressions at a time, net of suspects.

For what no sums by groups can say. Every event is in an hour that has counts of its cell, or in
one that an arrival names; within one snapshot both are read, and no event is missed. Quiet hours of
a day are read together, for a read has a price of its own; a busy one is read in several spans, so
that no read needs much memory.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate, groupby, pairwise

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from experiments.advisory_locks import ROLLUP_LOCK
from experiments.events.keys import HOUR_MS, HOURS_A_DAY, first_key
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

    Each is its first millisecond since 2010 and the one after its last, within a day.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [list(cells)])
        return list(_spans(cursor.fetchall()))


def _spans(hours: Iterable[tuple[int, int]]) -> Iterator[TimeSpan]:
    """Put hours, ascending, together and divide them by how many events they have."""
    events_by_hour = dict(hours)
    before = accumulate(events_by_hour.values(), initial=0)
    together = zip(events_by_hour, before, strict=False)
    for _, group in groupby(together, lambda at: (at[0] // HOURS_A_DAY, at[1] // EVENTS_AT_ONCE)):
        of_group = [hour for hour, _ in group]
        events = sum(events_by_hour[hour] for hour in of_group)
        yield from _divided(of_group[0] * HOUR_MS, (of_group[-1] + 1) * HOUR_MS, events)


def _divided(from_ms: int, until_ms: int, events: int) -> Iterator[TimeSpan]:
    number = events // EVENTS_AT_ONCE + 1
    yield from pairwise(
        from_ms + (until_ms - from_ms) * part // number for part in range(number + 1)
    )


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
