"""Views and clicks one by one, an hour of impressions at a time, net of suspects.

For what no sums by groups can say. Every event is in an hour that has counts of its cell, or in
one that an arrival names; within one snapshot both are read, and no event is missed.
"""

from collections.abc import Collection

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from experiments.events.keys import HOUR_MS, first_key
from experiments.events.store import event_store
from experiments.events.store.cubes import Chosen
from experiments.measures import Step

Rows = NDArray[np.void]
ROW = np.dtype([
    ("viewer", np.int64), ("key", np.int64), ("video", np.int32), ("cell", np.int16),
    ("context", np.int16),
])  # fmt: skip
_HOURS = """
SELECT (extract(epoch FROM hour - timestamptz '2010-01-01 00:00+00') / 3600)::integer
FROM experiments_hourcount WHERE cell = ANY(%s::smallint[])
UNION SELECT unnest(hours) FROM experiments_arrival
ORDER BY 1
"""


def hours_with_events(cells: Collection[int]) -> list[int]:
    """Return the hours, counted from 2010, that may have an event of any of these cells."""
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [list(cells)])
        return [hour for (hour,) in cursor.fetchall()]


def views_and_clicks(cells: Collection[int], hour: int) -> Rows:
    """Return the views and clicks of these cells' impressions of an hour, keys ascending."""
    span = first_key(hour * HOUR_MS), first_key((hour + 1) * HOUR_MS)
    chosen = Chosen(*span, cells, is_net=True)
    found = event_store().events(chosen, (Step.VIEWABLE, Step.CLICK), ROW.names or ())
    rows = np.empty(found["key"].size, dtype=ROW)
    order = np.argsort(found["key"], kind="stable")
    for name in ROW.names or ():
        rows[name] = found[name][order]
    return rows
