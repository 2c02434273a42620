"""Proof of an archived day: its counts by arm and video, from the file, by another program.

What a store counts by SQL (experiments/events/store/cubes.py) NumPy counts here by the same list
of measures, so that a file that is not what was counted is found before its events are dropped.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from experiments.events.columns import EventColumns, IntArray
from experiments.events.keys import SUSPECT, context_flags, date_of, key_impression, key_step
from experiments.measures import MEASURES, Measure
from experiments.models import DayCount

Group = tuple[int, int, int]  # cell, flags and video
Counted = Mapping[Group, tuple[int | None, ...]]


def counts_of(parts: Iterable[EventColumns]) -> Counted:
    """Return every measure by cell, flags and video; an impression lies wholly in one part."""
    found: dict[Group, Counter[int]] = {}
    for events in parts:
        groups = np.stack([events.cell, context_flags(events.context) & int(SUSPECT), events.video])
        distinct, place = np.unique(groups, axis=1, return_inverse=True)
        sums = np.stack([_sums(m, events, place.ravel(), distinct.shape[1]) for m in MEASURES])
        for group, row in zip(distinct.T.tolist(), sums.T.tolist(), strict=True):
            found.setdefault((group[0], group[1], group[2]), Counter()).update(dict(enumerate(row)))
    return {
        group: tuple(counted[i] for i in range(len(MEASURES))) for group, counted in found.items()
    }


def kept_counts(day: int) -> Counted:
    """Return what is kept of a day, counted from 2010-01-01; None for what was not counted."""
    rows = DayCount.objects.filter(day=date_of(day)).values_list(
        "cell", "flags", "video", *(measure.name for measure in MEASURES)
    )
    return {(cell, flags, video): tuple(row) for cell, flags, video, *row in rows}


def difference(found: Counted, kept: Counted) -> str:
    """Return the first difference between a file and the counts in words, or nothing."""
    for group in sorted(found.keys() | kept.keys()):
        one, other = found.get(group), kept.get(group)
        if one is None or other is None or not _agree(one, other):
            return f"cell, flags, video {group}: {one} in the file, {other} in the counts"
    return ""


def _agree(found: tuple[int | None, ...], kept: tuple[int | None, ...]) -> bool:
    return all(b is None or a == b for a, b in zip(found, kept, strict=True))


def _sums(measure: Measure, events: EventColumns, place: IntArray, groups: int) -> IntArray:
    chosen = key_step(events.key) == measure.step
    if measure.also is not None:
        chosen = chosen & np.isin(_impressions(events), _also(measure, events))
    weights = _watched_ms(events)[chosen] if measure.adds_watched_ms else None
    # float64 sums of whole numbers are exact up to 2^53.
    added = np.bincount(place[chosen], weights=weights, minlength=groups)
    whole: IntArray = added.astype(np.int64)
    return whole


def _also(measure: Measure, events: EventColumns) -> IntArray:
    """Return the impressions that took the measure's other step, for long enough."""
    also = key_step(events.key) == measure.also
    if measure.also_s:
        also = also & (_watched_ms(events) >= 1000 * measure.also_s)
    taken: IntArray = _impressions(events)[also]
    return taken


def _watched_ms(events: EventColumns) -> IntArray:
    return np.full(len(events.key), -1) if events.watched_ms is None else events.watched_ms


def _impressions(events: EventColumns) -> IntArray:
    impressions: IntArray = key_impression(events.key)
    return impressions
