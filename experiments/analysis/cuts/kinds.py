"""The kinds of cuts: by hour, place, device, number of views, and new or returning viewers.

Each divides views by what was settled before the arm was: the slices of a cut hold the arms in the
shares of the experiment, and each compares them as all views do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

import numpy as np

from experiments.analysis.cuts.views import Views
from experiments.analysis.stats.records import IntArray
from experiments.events.keys import Device, context_device, context_position, key_ms, time_of

QUARTER = timedelta(minutes=15)  # clocks of all time zones differ by whole ones
PLACES = (0, 3, 10, 30)  # the first of each band, as the counts by hour have them
NUMBERS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the views: its name in addresses, and in words."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A way to divide views.

    Attributes:
        name: in addresses and documents.
        title: in words.
        slices: in the order in which they are shown.
        place: the place of each view's slice, (N,), by a site's time zone.
    """

    name: str
    title: str
    slices: tuple[Slice, ...]
    place: Callable[[Views, ZoneInfo], IntArray]


def local_days_and_hours(keys: IntArray, zone: ZoneInfo) -> tuple[IntArray, IntArray]:
    """Return the number of the day, and the hour, that a site's clocks show, (N,) each."""
    quarter_ms = QUARTER // timedelta(milliseconds=1)
    quarters, place = np.unique(key_ms(keys) // quarter_ms, return_inverse=True)
    times = [time_of(quarter * quarter_ms).astimezone(zone) for quarter in quarters.tolist()]
    days = np.array([when.toordinal() for when in times], np.int64)
    return days[place], np.array([when.hour for when in times], np.int64)[place]


def _hour(found: Views, zone: ZoneInfo) -> IntArray:
    return local_days_and_hours(found.key, zone)[1]


def _position(found: Views, zone: ZoneInfo) -> IntArray:  # noqa: ARG001
    return np.searchsorted(PLACES, context_position(found.context), "right") - 1


def _device(found: Views, zone: ZoneInfo) -> IntArray:  # noqa: ARG001
    return context_device(found.context)


def _number(found: Views, zone: ZoneInfo) -> IntArray:  # noqa: ARG001
    return np.searchsorted(NUMBERS, found.number, "right") - 1


def _returning(found: Views, zone: ZoneInfo) -> IntArray:
    days, _ = local_days_and_hours(found.key, zone)
    return (days > days[found.first][found.viewer]).astype(np.int64)


def _spans(starts: tuple[int, ...], first: int, said: str) -> tuple[Slice, ...]:
    """Return slices from each start to the next, counted from `first`."""
    spans = []
    for start, after in zip(starts, (*starts[1:], None), strict=True):
        low = start + 1 - first
        if after is None:
            spans.append(Slice(f"{low}-", f"{said} {low} and later"))
        elif after - start == 1:
            spans.append(Slice(f"{low}", f"{said} {low}"))
        else:
            high = after - first
            spans.append(Slice(f"{low}-{high}", f"{said} {low} to {high}"))
    return tuple(spans)


def _crossed(one: Cut, other: Cut) -> Cut:
    """Return the cut by two at once: each slice is of one of both."""

    def place(found: Views, zone: ZoneInfo) -> IntArray:
        return one.place(found, zone) * len(other.slices) + other.place(found, zone)

    return Cut(
        f"{one.name}{AND}{other.name}",
        f"{one.title} and {other.title.lower()}",
        tuple(
            Slice(f"{mine.name}{AND}{its.name}", f"{mine.said}, {its.said}")
            for mine, its in product(one.slices, other.slices)
        ),
        place,
    )


def hour_counts_place(cut: str, part: str) -> dict[str, int] | None:
    """Return where counts by hour hold a slice of a cut, or of two; None where they do not.

    They know places and devices, and neither viewers nor how many views these have had.

    Args:
        cut: its name.
        part: the slice's.
    """
    found: dict[str, int] = {}
    for name, its in zip(cut.split(AND), part.split(AND), strict=True):
        if name not in HOUR_COLUMNS:
            return None
        slices = next(one.slices for one in CUTS if one.name == name)
        found[HOUR_COLUMNS[name]] = [each.name for each in slices].index(its)
    return found


AND = "-and-"
HOUR_COLUMNS = {"position": "band", "device": "device"}  # of the counts by hour
BY_NUMBER = "number"
CUTS = (
    Cut(
        "hour",
        "Hour of day",
        tuple(Slice(f"{hour:02}", f"{hour:02}:00") for hour in range(24)),
        _hour,
    ),
    Cut("position", "Place on the page", _spans(PLACES, 0, "place"), _position),
    Cut(
        "device",
        "Device",
        tuple(Slice(device.name.lower(), device.name.lower()) for device in Device),
        _device,
    ),
    Cut(BY_NUMBER, "Number of views so far", _spans(NUMBERS, 1, "view"), _number),
    Cut(
        "viewers",
        "New and returning viewers",
        (Slice("new", "on their first day"), Slice("returning", "on later days")),
        _returning,
    ),
)
# The coarse ones, two at once. Hours and numbers of views would leave too few clicks in a slice.
PAIRS = tuple(
    _crossed(one, other)
    for one, other in combinations(
        [cut for cut in CUTS if cut.name in {"position", "device", "viewers"}], 2
    )
)
