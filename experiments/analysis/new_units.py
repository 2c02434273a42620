"""Units by the day of their first view: independent draws, which views that repeat are not.

They are what a check of the shares at every look needs (stats/srm_slices.py), and events alone
tell them. A unit that a change of weights moved counts where it was first seen.
"""

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from experiments.analysis.cuts.kinds import local_days_and_hours
from experiments.analysis.cuts.views import Views
from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import IntArray
from experiments.unit import Unit

Place = tuple[int, int, int]  # number of the day, row of the phase, column of the arm
Kept = list[dict[str, object]]


def new_units(found: Views, layout: Layout, unit: Unit, zone: ZoneInfo) -> Counter[Place]:
    """Count the units of a part of the viewers by the day, phase and arm of their first view.

    Whole videos are dealt out before anything is seen: of them there is none.
    """
    keys, cells = _first_views(found, unit)
    days, _ = local_days_and_hours(keys, zone)
    phase, arm = layout.places(cells)
    phases, arms = layout.shares.shape
    codes, counts = np.unique((days * phases + phase) * arms + arm, return_counts=True)
    places = np.stack([codes // (phases * arms), codes // arms % phases, codes % arms], axis=1)
    return Counter(dict(zip(map(tuple, places.tolist()), counts.tolist(), strict=True)))


def kept_units(counted: Counter[Place], arms: int) -> Kept:
    """Return the counts as they are kept: a row a day and phase, with the units of each arm."""
    spans = sorted({(day, phase) for day, phase, _ in counted})
    return [
        {
            "day": date.fromordinal(day).isoformat(),
            "phase": phase,
            "units": [counted[day, phase, arm] for arm in range(arms)],
        }
        for day, phase in spans
    ]


def _first_views(found: Views, unit: Unit) -> tuple[IntArray, IntArray]:
    """Return the keys and the cells of the units' first views; views are in order of time."""
    if unit is Unit.VIDEO:
        return found.key[:0], found.cell[:0]
    if unit is Unit.VIEWER:
        return found.key[found.first], found.cell[found.first]
    first = found.first_of_pairs() if unit is Unit.VIEWER_VIDEO else found
    return first.key, first.cell
