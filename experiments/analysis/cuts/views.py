"""Views in the order in which each viewer had them, read from the events themselves."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.events.keys import key_impression, key_step
from experiments.events.store import event_store
from experiments.measures import Step

_COLUMNS = ("viewer", "key", "video", "cell", "context")


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
    chosen = queries.of_layout(layout, include_bots=False, viewers=queries.of_part(part, parts))
    rows = event_store().events(chosen, {Step.VIEWABLE, Step.CLICK}, _COLUMNS)
    order = np.lexsort((rows["key"], rows["viewer"]))
    kept = {name: rows[name][order].astype(np.int64) for name in _COLUMNS}
    # A click's view is before it: the keys of the two differ by their steps alone.
    of_click = key_step(kept["key"]) == Step.CLICK
    clicks = key_impression(kept["key"][of_click])
    kept = {name: column[~of_click] for name, column in kept.items()}
    viewer = np.unique(kept.pop("viewer"), return_inverse=True)[1]
    return Views(viewer=viewer, clicked=np.isin(key_impression(kept["key"]), clicks), **kept)
