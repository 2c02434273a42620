"""The rules of `experiments.events.impressions` for many events at once, in columns."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from experiments.events.columns import EventColumns, IntArray, distinct
from experiments.events.impressions import SUSPICION
from experiments.events.keys import Flag, key_impression, key_step, pack_context
from experiments.events.store import event_store
from experiments.measures import Step

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def other_than_first(whose: Sequence[Ints], good: Bools) -> Bools:
    """Return which rows are not of the viewer, video and cell of their impression's first row.

    Args:
        whose: impression, viewer, video and cell of each row.
        good: which rows are judged.
    """
    rows = np.flatnonzero(good)
    rows = rows[np.argsort(whose[0][rows], kind="stable")]
    impression, *others = (column[rows] for column in whose)
    starts = np.flatnonzero(np.diff(impression, prepend=-1))
    first = np.repeat(starts, np.diff(starts, append=rows.size))
    found = np.zeros(good.shape, dtype=bool)
    found[rows] = np.logical_or.reduce([column != column[first] for column in others])
    return found


def views_stored_of(events: EventColumns) -> IntArray:
    """Return key, viewer, video, cell and context of what is stored of the views, keys ascending.

    Args:
        events: keys ascending.
    """
    keys = distinct(key_impression(events.key)) | Step.VIEWABLE
    return event_store().many_views(keys)


def of_another(events: EventColumns, views: Ints) -> Bools:
    """Return which events are not of the viewer, video and cell of their stored view."""
    known, rows = _viewed(events.key, views[0])
    columns = (events.viewer, events.video, events.cell)
    found = np.zeros(events.key.shape, dtype=bool)
    found[known] = np.logical_or.reduce(
        [column[known] != stored[rows] for column, stored in zip(columns, views[1:], strict=False)]
    )
    return found


def as_suspect_as_viewed(events: EventColumns, views: Ints) -> EventColumns:
    """Return events, each click at least as suspect as its view, stored or among them."""
    clicks = np.flatnonzero(key_step(events.key) == Step.CLICK)
    context = events.context.copy()
    seen = key_step(events.key) == Step.VIEWABLE
    for keys, suspicion in ((events.key[seen], events.context[seen]), (views[0], views[4])):
        known, rows = _viewed(events.key[clicks], keys)
        context[clicks[known]] |= suspicion[rows] & SUSPICION
    return replace(events, context=context)


def with_implied(events: EventColumns) -> EventColumns:
    """Add the viewable that each click proves, where the batch (its keys ascending) has it not."""
    clicks = np.flatnonzero(key_step(events.key) == Step.CLICK)
    viewable = key_impression(events.key[clicks]) | Step.VIEWABLE
    missing = ~among(viewable, events.key)
    implied = clicks[missing]
    flag = pack_context(0, 0, int(Flag.IMPLIED))
    watched = np.full(len(implied), -1)
    return EventColumns(
        key=np.concatenate([events.key, viewable[missing]]),
        viewer=np.concatenate([events.viewer, events.viewer[implied]]),
        video=np.concatenate([events.video, events.video[implied]]),
        cell=np.concatenate([events.cell, events.cell[implied]]),
        context=np.concatenate([events.context, events.context[implied] | flag]),
        watched_ms=np.concatenate([_watched(events), watched]),
    )


def among(numbers: Ints, pool: Ints) -> Bools:
    """Return which numbers are in an ascending pool."""
    if not pool.size:
        return np.zeros(numbers.shape, dtype=bool)
    found: Bools = pool[np.searchsorted(pool, numbers).clip(max=pool.size - 1)] == numbers
    return found


def _viewed(keys: Ints, views: Ints) -> tuple[Ints, Ints]:
    """Return which of the events have a view among those ascending, and its place there."""
    wanted = key_impression(keys) | Step.VIEWABLE
    known = np.flatnonzero(among(wanted, views))
    return known, np.searchsorted(views, wanted[known])


def _watched(events: EventColumns) -> Ints:
    assert events.watched_ms is not None  # noqa: S101  an import always has the column
    return events.watched_ms.astype(np.int64)
