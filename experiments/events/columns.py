"""Events in columns, as files and bulk writers have them: checked, put in order, sifted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from experiments.errors import EventsError
from experiments.events.keys import key_impression, key_step
from experiments.measures import Step

BYTES = {"key": 8, "viewer": 8, "video": 4, "cell": 2, "context": 2, "watched_ms": 4}
"""The size of each column of the table of events."""

IntArray = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """N events in columns, each (N,) of whole numbers; ``watched_ms`` None or -1 is no value.

    Raises:
        EventsError: where a column is of another length, or holds what its type in the table
            cannot.
    """

    key: IntArray
    viewer: IntArray
    video: IntArray
    cell: IntArray
    context: IntArray
    watched_ms: IntArray | None = None

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the events of parts that lack ``watched_ms``, one after the other."""
        names = list(BYTES)[:-1]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})

    def take(self, rows: IntArray) -> Self:
        """Return the events at these places, (M,), in this order."""
        columns = {name: getattr(self, name) for name in BYTES}
        return replace(self, **{name: v[rows] for name, v in columns.items() if v is not None})

    def __post_init__(self) -> None:
        for name, size in BYTES.items():
            values = getattr(self, name)
            if values is not None:
                _check_column(name, values, len(self.key), np.iinfo(f"i{size}"))


def _check_column(name: str, values: IntArray, length: int, fits: np.iinfo[Any]) -> None:
    if values.shape != (length,):
        raise EventsError("columns", f"{name}.shape == {values.shape}, must be ({length},)")
    lowest = -1 if name == "watched_ms" else 0
    if length and not (lowest <= values.min() and values.max() <= fits.max):
        raise EventsError(
            "columns",
            f"{name} has {values.min()} to {values.max()}, must be from {lowest} to {fits.max}",
        )


def distinct(numbers: IntArray) -> IntArray:
    """Return the distinct numbers, ascending: by sorting, ten times faster than numpy's hashing."""
    ordered = np.sort(numbers)
    first: IntArray = ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]
    return first


def sift(events: EventColumns) -> tuple[EventColumns, Counter[str]]:
    """Put events in the order of their keys; leave out and count what is no event of its own.

    Returns:
        Distinct events in order, and how many were a "duplicate" of another of them or a click of
        "no_impression", one that no viewable event among them names.
    """
    order = np.argsort(events.key, kind="stable")  # sorted runs are merged in one pass
    key = events.key[order]
    keep = np.diff(key, prepend=key[:1] - 1) != 0
    refused = Counter(duplicate=int(len(key) - keep.sum()))
    clicks = np.flatnonzero(keep & (key_step(key) == Step.CLICK))
    viewed = key_impression(key[key_step(key) == Step.VIEWABLE])
    clicked = key_impression(key[clicks])
    # Each click's place among the views; one past the end is compared with any other.
    place = np.searchsorted(viewed, clicked) % max(len(viewed), 1)
    named = viewed[place] == clicked if len(viewed) else np.zeros(len(clicks), dtype=bool)
    keep[clicks[~named]] = False
    refused["no_impression"] = int(len(clicks) - named.sum())
    return events.take(order[keep]), +refused
