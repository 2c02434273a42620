"""Each viewer's first view of a video alone: the click rate by unit, beside that by view.

Who comes back and clicks, or does not, counts once. What comes out is kept with the two-way error.
"""

from dataclasses import replace

import numpy as np

from experiments.analysis.cuts.views import Views
from experiments.analysis.layout import Layout
from experiments.analysis.measured import MeasuredByViewer, stratified
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import as_strata, estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.results import Comparison, Estimate
from experiments.analysis.stats.summary import summarise
from experiments.analysis.viewer_parts import ViewerParts
from experiments.metrics import PRIMARY
from experiments.unit import Unit

Line = dict[str, object]


def first_views(layout: Layout, parts: ViewerParts, unit: Unit, min_views: int) -> list[Line]:
    """Return what first views say of each arm, as it is kept.

    Args:
        layout: of the experiment.
        parts: its events. Of one part, the error is that of the design; of more, that by video,
            which is none where viewers are assigned.
        unit: what is assigned.
        min_views: a video counts with so many first views in each arm.
    """
    if len(parts) == 1:
        return _lines(_first_views(layout, parts, 0).of(PRIMARY), unit, min_views)
    if unit is Unit.VIEWER:
        return []
    return _lines(_added_up(layout, parts), unit, min_views)


def _first_views(layout: Layout, parts: ViewerParts, part: int) -> MeasuredByViewer:
    """Return each viewer's first view of each video, and whether it was clicked."""
    first = Views.of(parts.read(part).of_layout(layout)).first_of_pairs()
    views, clicks = (measure.name for measure in PRIMARY.measures)
    return MeasuredByViewer(
        layout,
        viewer_ids=first.viewer,
        video_ids=first.video,
        cells=first.cell,
        measures={views: np.ones_like(first.viewer), clicks: first.clicked.astype(np.int64)},
    )


def _added_up(layout: Layout, parts: ViewerParts) -> StratifiedCounts:
    views, clicks = (measure.name for measure in PRIMARY.measures)
    video_ids, total = parts.counts().video_ids, None
    for part in range(len(parts)):
        first = _first_views(layout, parts, part)
        rows = np.stack(
            [first.video_ids, first.cells, first.measures[views], first.measures[clicks]]
        )
        found = stratified(layout, rows, video_ids)
        total = (
            found
            if total is None
            else replace(total, views=total.views + found.views, clicks=total.clicks + found.clicks)
        )
    assert total is not None  # noqa: S101  there is at least one part
    return total


def _lines(first: StratifiedCounts | ViewerVideoSums, unit: Unit, min_views: int) -> list[Line]:
    estimated = estimate(first, unit, min_views=least_views(as_strata(first), min_views))
    compared = {line.arm: line for line in compare(estimated.mean_ctr)}
    return [
        {
            "arm": arm.arm,
            "units": arm.views,
            "clicks": arm.clicks,
            "mean_ctr": as_kept(arm.mean_ctr),
            **_compared(compared.get(arm.arm)),
        }
        for arm in summarise(estimated)
    ]


def _compared(line: Comparison | None) -> Line:
    if line is None:
        return {"improvement": None, "p_value": None}
    return {
        "improvement": as_kept(line.simultaneous_improvement),
        "p_value": _finite(line.p_value_adjusted),
    }


def as_kept(found: Estimate) -> Line:
    """Return an estimate as JSON can hold it: null for nan and infinity."""
    limits = {name: _finite(getattr(found, name)) for name in ("value", "low", "high")}
    return {**limits, "level": found.level, "reason": found.reason}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
