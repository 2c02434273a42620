"""Views in the order in which each viewer had them, read from the events themselves."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.events.counting import takes
from experiments.events.keys import key_impression, key_step
from experiments.measures import Step

_VIEWS = """
    SELECT viewer, key, video, cell, context
    FROM experiments_event AS event WHERE ({steps}) AND {of} AND {part}"""
_SIZES = {"viewer": 8, "key": 8, "video": 4, "cell": 2, "context": 2}


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

    @property
    def first(self) -> IntArray:
        """The place of each viewer's first view, (viewers,)."""
        return np.flatnonzero(np.diff(self.viewer, prepend=-1))

    @property
    def number(self) -> IntArray:
        """How many views the viewer has had with each, counted from 1, (N,)."""
        return np.arange(self.viewer.size) - self.first[self.viewer] + 1


def views(layout: Layout, *, part: int = 0, parts: int = 1) -> Views:
    """Return the views of an experiment.

    Args:
        layout: of the experiment.
        part: which share of the viewers, from 0; a viewer is wholly in one part.
        parts: into how many the viewers are divided, at random.
    """
    select = _VIEWS.format(
        steps=f"{takes('event', Step.VIEWABLE)} OR {takes('event', Step.CLICK)}",
        of=queries.of_layout(layout, include_bots=False),
        part=queries.of_part(part, parts),
    )
    rows = queries.packed(select, _SIZES)
    rows = rows[np.lexsort((rows["key"], rows["viewer"]))]
    key = rows["key"].astype(np.int64)
    # A click's view is before it: the keys of the two differ by their steps alone.
    of_click = key_step(key) == Step.CLICK
    seen = ~of_click
    clicked = np.isin(key_impression(key[seen]), key_impression(key[of_click]))
    kept = rows[seen]
    return Views(
        viewer=np.unique(kept["viewer"], return_inverse=True)[1],
        key=key[seen],
        clicked=clicked,
        **{name: kept[name].astype(np.int64) for name in ("video", "cell", "context")},
    )
