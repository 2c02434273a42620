"""Arms whose clicks are missing, with the days on which they are."""

from collections.abc import Sequence

import numpy as np

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.layout import Layout
from experiments.analysis.report.record import DeadBeacon
from experiments.analysis.stats.dead_arm import dead_arms


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
