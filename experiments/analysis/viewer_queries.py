"""Queries that only events can answer, by viewer: first views, and viewers of two experiments."""

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.measured import MeasuredByViewer
from experiments.events.counting import first_viewed, takes
from experiments.measures import Step
from experiments.metrics import PRIMARY
from experiments.unit import Unit

_SEEN = "SELECT {columns} FROM experiments_event AS event WHERE {view} AND {of} AND {part}"


def first_views(layout: Layout, *, part: int = 0, parts: int = 1) -> MeasuredByViewer:
    """Return each viewer's first view of each video, and whether it was clicked, net of suspects.

    Args:
        layout: of the experiment.
        part: which share of the viewers, from 0; a viewer is wholly in one part.
        parts: into how many the viewers are divided.
    """
    of = queries.of_layout(layout, include_bots=False)
    select = first_viewed(f"{of} AND {queries.of_part(part, parts)}")
    return queries.by_viewer(layout, select, [measure.name for measure in PRIMARY.measures])


def seen_in_both(one: Layout, other: Layout, unit: Unit, *, part: int = 0, parts: int = 1) -> int:
    """Return how many units two experiments have both shown to.

    Args:
        one: the first experiment's layout.
        other: the second's.
        unit: viewers where they are assigned; else viewers with a video are counted.
        part: which share of the viewers, from 0.
        parts: into how many the viewers are divided.
    """
    columns = "event.viewer" if unit is Unit.VIEWER else "event.viewer, event.video"
    seen = [
        _SEEN.format(
            columns=columns,
            view=takes("event", Step.VIEWABLE),
            of=queries.of_layout(layout, include_bots=False),
            part=queries.of_part(part, parts),
        )
        for layout in (one, other)
    ]
    counted = f"SELECT count(*) FROM ({' INTERSECT '.join(seen)}) AS in_both"  # noqa: S608
    return int(queries.hashed(counted)[0][0])
