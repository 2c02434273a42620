"""Views in the order in which each viewer had them, each with its click."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.analysis.viewer_events import ViewerEvents
from experiments.events.keys import key_impression


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Viewable impressions net of suspects, sorted by viewer and time, N rows.

    Attributes:
        viewer: code of the viewer, from 0, (N,).
        key: of the impression, with its time, (N,).
        video: primary key, (N,).
        cell: (N,).
        context: position and device, (N,).
        clicked: bool (N,).
    """

    viewer: IntArray
    key: IntArray
    video: IntArray
    cell: IntArray
    context: IntArray
    clicked: BoolArray

    @classmethod
    def of(cls, events: ViewerEvents) -> Self:
        """Return the views, each with its click: the next event, where it is of one impression."""
        of_click = events.is_click
        impression = key_impression(events.key)
        next_is_its = np.append(of_click[1:] & (impression[1:] == impression[:-1]), np.False_)
        seen = events.where(~of_click)
        return cls(
            seen.viewer, seen.key, seen.video, seen.cell, seen.context, next_is_its[~of_click]
        )

    @property
    def first(self) -> IntArray:
        """The place of each viewer's first view, (viewers,)."""
        return np.flatnonzero(np.diff(self.viewer, prepend=-1))

    @property
    def number(self) -> IntArray:
        """How many views the viewer has had with each, counted from 1, (N,)."""
        return np.arange(self.viewer.size) - self.first[self.viewer] + 1

    def first_of_pairs(self) -> Self:
        """Return each viewer's first view of each video."""
        pair = self.viewer * (int(self.video.max(initial=0)) + 1) + self.video
        order = np.argsort(pair, kind="stable")
        first = np.sort(order[np.diff(pair[order], prepend=-1) != 0])
        return type(self)(
            self.viewer[first],
            self.key[first],
            self.video[first],
            self.cell[first],
            self.context[first],
            self.clicked[first],
        )
