"""The course of an experiment whose error is by viewer: its means after each day, with that error.

The error after a day needs the sums of all viewers up to then, which no table keeps. So it is
computed aside in the pass that makes the two-way error, and what is kept is no verdict: means and
covariances, which a page reads at the level and by the horizon that it has then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from experiments.analysis.kept_means import as_kept, from_kept
from experiments.analysis.layout import Layout
from experiments.analysis.stats.engine import compared
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.over_time import accumulate
from experiments.analysis.stats.records import StratifiedCounts
from experiments.analysis.stats.results import ArmMeans
from experiments.analysis.stats.standardise import joined
from experiments.analysis.stats.two_way import TwoWayTally
from experiments.analysis.viewer_events import ViewerEvents
from experiments.events.keys import DAY_MS, day_of, first_key
from experiments.unit import Unit

LOOKS_AT_MOST = 60  # each takes as long as the error itself


@dataclass(frozen=True, slots=True)
class Look:
    """The means of an experiment up to the end of a day (UTC)."""

    day: date
    means: ArmMeans


class CourseTally:
    """The errors after each day, whose viewers are added part by part."""

    def __init__(
        self,
        layout: Layout,
        by_day: Sequence[tuple[date, StratifiedCounts]],
        unit: Unit,
        min_views: int,
    ) -> None:
        """Take the experiment.

        Args:
            layout: of the experiment.
            by_day: views and clicks of all viewers by day, of the same videos.
            unit: what is assigned.
            min_views: a video counts with so many up to a look.
        """
        every = -(-len(by_day) // LOOKS_AT_MOST) or 1
        looks = slice((len(by_day) - 1) % every, None, every)  # the last day is one
        so_far = [joined(counts) for counts in accumulate([counts for _, counts in by_day])[looks]]
        self._layout, self._days = layout, [day for day, _ in by_day][looks]
        if so_far:  # every look has the videos and strata of the last
            self._counts, self._place = so_far[-1]
        self._tallies = [_tally(counts, unit, min_views) for counts, _ in so_far]

    def add(self, events: ViewerEvents) -> None:
        """Add the next part of the experiment's events."""
        if not self._days:
            return
        ends = [first_key(DAY_MS * day_of(day + timedelta(days=1))) for day in self._days]
        looks = events.sums_at_looks(self._layout, self._counts, self._place, np.array(ends))
        for number, seen in enumerate(looks):
            self._tallies[number] = self._tallies[number].plus(seen)

    def kept(self) -> list[dict[str, Any]]:
        """Return the looks as they are kept: numbers that are not defined are null."""
        return as_kept(
            [Look(day, tally.means()) for day, tally in zip(self._days, self._tallies, strict=True)]
        )


def course_of(kept: Sequence[dict[str, Any]]) -> tuple[Look, ...]:
    """Return the looks that were kept."""
    return from_kept(kept, tuple[Look, ...])


def _tally(counts: StratifiedCounts, unit: Unit, min_views: int) -> TwoWayTally:
    _, columns = compared(counts, unit, least_views(counts, min_views))
    return TwoWayTally.of_mean_ctr(counts, columns)
