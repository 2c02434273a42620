"""Arms whose clicks are missing, with the days on which they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.layout import Layout
from experiments.analysis.stats.dead_arm import dead_arms


@dataclass(frozen=True, slots=True)
class DeadBeacon:
    """An arm whose clicks are missing, and when.

    Attributes:
        since, until: the first and the last such day; None for that of the experiment.
        views, clicks: of the arm in these days.
        expected: clicks of as many views in the other arms.
        p_value: the chance of so few, if the arm were like the others.
    """

    arm: str
    since: date | None
    until: date | None
    views: int
    clicks: int
    expected: float
    p_value: float


def dead_beacons(layout: Layout, days: Sequence[ArmCount]) -> tuple[DeadBeacon, ...]:
    """Return the arms of an experiment whose clicks are missing for days, or all the time."""
    dates = sorted({row.start for row in days})
    column = {arm.index: place for place, arm in enumerate(layout.arms)}
    views, clicks = np.zeros((2, len(dates), len(column)), np.int64)
    for row in days:
        place = dates.index(row.start), column[row.arm]
        views[place], clicks[place] = row.views, row.clicks
    return tuple(
        DeadBeacon(
            arm=found.arm,
            since=dates[found.first] if found.first else None,
            until=dates[found.last] if found.last < len(dates) - 1 else None,
            views=found.views,
            clicks=found.clicks,
            expected=found.expected,
            p_value=found.p_value,
        )
        for found in dead_arms(layout.names, views, clicks)
    )
