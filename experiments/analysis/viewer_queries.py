"""Queries that only events can answer, by viewer: first views, and viewers of two experiments."""

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.measured import MeasuredByViewer
from experiments.events.store import event_store
from experiments.metrics import PRIMARY
from experiments.unit import Unit


def first_views(layout: Layout, *, part: int = 0, parts: int = 1) -> MeasuredByViewer:
    """Return each viewer's first view of each video, and whether it was clicked, net of suspects.

    Args:
        layout: of the experiment.
        part: which share of the viewers, from 0; a viewer is wholly in one part.
        parts: into how many the viewers are divided.
    """
    viewers = queries.of_part(part, parts)
    found = event_store().first_views(
        queries.of_layout(layout, include_bots=False, viewers=viewers)
    )
    return queries.by_viewer(layout, found, PRIMARY.measures)


def seen_in_both(one: Layout, other: Layout, unit: Unit, *, part: int = 0, parts: int = 1) -> int:
    """Return how many units two experiments have both shown to.

    Args:
        one: the first experiment's layout.
        other: the second's.
        unit: viewers where they are assigned; else viewers with a video are counted.
        part: which share of the viewers, from 0.
        parts: into how many the viewers are divided.
    """
    by = ["viewer"] if unit is Unit.VIEWER else ["viewer", "video"]
    viewers = queries.of_part(part, parts)
    in_one, in_other = (
        queries.of_layout(layout, include_bots=False, viewers=viewers) for layout in (one, other)
    )
    return event_store().seen_in_both(in_one, in_other, by)
