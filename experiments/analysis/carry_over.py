"""Carry-over of an experiment whose shares changed, gathered beside the two-way error."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.analysis.cuts.views import Views
from experiments.analysis.kept_means import as_kept, from_kept
from experiments.analysis.layout import Layout
from experiments.analysis.stats.carry_over import CarryOver, ReturningViews, carry_over
from experiments.analysis.stats.records import IntArray
from experiments.analysis.viewer_events import ViewerEvents
from experiments.unit import Unit

PARTS_AT_MOST = 5  # of the viewers, at random: 2.5 million views tell it well enough


class CarryOverTally:
    """Views of those who come back in a later phase, added up part by part."""

    def __init__(self, layout: Layout, unit: Unit) -> None:
        """Take the experiment; a video that is assigned moves with all its viewers, or not."""
        shares = {tuple(row) for row in np.round(layout.shares, 9).tolist()}
        self._layout, self._unit = layout, unit
        self._left = PARTS_AT_MOST if len(shares) > 1 and unit is not Unit.VIDEO else 0
        self._parts: list[ReturningViews] = []

    def add(self, events: ViewerEvents) -> None:
        """Add the next part of the experiment's events, unless enough are added."""
        if not self._left:
            return
        self._left -= 1
        found = Views.of(events)
        phase, arm = self._layout.places(found.cell)
        unit = found.viewer if self._unit is Unit.VIEWER else _pairs(found)
        self._parts.append(
            ReturningViews.of(
                unit=unit,
                viewer=found.viewer,
                video=found.video,
                span=phase,
                arm=arm,
                clicked=found.clicked,
            )
        )

    def kept(self) -> list[dict[str, Any]]:
        """Return it as it is kept."""
        return as_kept(carry_over(ReturningViews.joined(self._parts))) if self._parts else []


def carry_over_of(kept: Sequence[dict[str, Any]]) -> tuple[CarryOver, ...]:
    """Return what was kept."""
    return from_kept(kept, tuple[CarryOver, ...])


def _pairs(found: Views) -> IntArray:
    return found.viewer * (int(found.video.max(initial=0)) + 1) + found.video
