"""Each viewer's first view of a video alone: the click rate by unit, beside that by view.

Who comes back and clicks, or does not, counts once. What comes out is kept with the two-way error.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from experiments.analysis import viewer_queries
from experiments.analysis.layout import Layout
from experiments.analysis.measured import MeasuredByViewer, stratified
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import as_strata, estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.records import IntArray, StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.results import Comparison, Estimate
from experiments.analysis.stats.summary import summarise
from experiments.metrics import PRIMARY
from experiments.unit import Unit

Line = dict[str, object]


def first_views(
    layout: Layout, unit: Unit, min_views: int, video_ids: IntArray, parts: int
) -> list[Line]:
    """Return what first views say of each arm, as it is kept.

    Args:
        layout: of the experiment.
        unit: what is assigned.
        min_views: a video counts with so many first views in each arm.
        video_ids: those with any view, ascending, (V,).
        parts: in how many the viewers come. Of one, the error is that of the design; of more, that
            by video, which is none where viewers are assigned.
    """
    read = (viewer_queries.first_views(layout, part=part, parts=parts) for part in range(parts))
    if parts > 1 and unit is Unit.VIEWER:
        return []
    first = next(read).of(PRIMARY) if parts == 1 else _added_up(layout, video_ids, read)
    return _lines(first, unit, min_views)


def _added_up(
    layout: Layout, video_ids: IntArray, parts: Iterator[MeasuredByViewer]
) -> StratifiedCounts:
    views, clicks = (measure.name for measure in PRIMARY.measures)
    total: StratifiedCounts | None = None
    for part in parts:
        rows = np.stack([part.video_ids, part.cells, part.measures[views], part.measures[clicks]])
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
