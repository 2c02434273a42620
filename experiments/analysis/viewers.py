"""Facts about an experiment's viewers, gathered part by part beside the two-way error.

The busiest viewers' share of the views, first views alone, and units seen in other experiments.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from django.db.models import Q

from experiments.analysis import viewer_queries
from experiments.analysis.first_views import first_views
from experiments.analysis.layout import Layout
from experiments.analysis.stats.concentration import busiest_share, viewers_by_views
from experiments.analysis.stats.records import IntArray
from experiments.analysis.stats.two_way import CodedSums
from experiments.models import Experiment
from experiments.unit import Unit

SEEN_AS = (Unit.VIEWER, Unit.VIEWER_VIDEO)
# Where fewer views than this are of viewers who come back, first views say what all views say.
FEW_COME_BACK = 0.01


class ViewerTally:
    """What parts of an experiment's viewers did, added up."""

    def __init__(self, experiment: Experiment, layout: Layout, parts: int) -> None:
        """Take the experiment, and into how many parts its viewers are divided."""
        self._layout, self._unit, self._parts = layout, Unit(experiment.unit), parts
        self._min_views = experiment.min_views
        self._others = {other: Layout.of(other) for other in _others(experiment)}
        self._in_both = {other: Counter[Unit]() for other in self._others}
        self._viewers_by_views = np.zeros(0, dtype=np.int64)
        self._viewers_by_clicks = np.zeros(0, dtype=np.int64)
        self._views, self._pairs, self._next = 0, 0, 0

    def add(self, sums: CodedSums) -> None:
        """Add the next part."""
        found = viewers_by_views(sums.viewer, sums.views)
        self._viewers_by_views = _longer_sum(self._viewers_by_views, found)
        clicked = viewers_by_views(sums.viewer, sums.clicks)
        self._viewers_by_clicks = _longer_sum(self._viewers_by_clicks, clicked)
        self._views += int(sums.views.sum())
        if sums.views.size:
            self._pairs += int((np.add.reduceat(sums.views, sums.pair_starts) > 0).sum())
        for other, layout in self._others.items():
            for unit in SEEN_AS:
                self._in_both[other][unit] += viewer_queries.seen_in_both(
                    self._layout, layout, unit, part=self._next, parts=self._parts
                )
        self._next += 1

    def kept(self, video_ids: IntArray) -> dict[str, object]:
        """Return what is kept of all parts, by the names of the fields.

        Args:
            video_ids: those with any view, ascending, (V,).
        """
        come_back = self._views - self._pairs > FEW_COME_BACK * self._views
        return {
            "busiest_share": _finite(busiest_share(self._viewers_by_views)),
            "busiest_clicks_share": _finite(busiest_share(self._viewers_by_clicks)),
            "views_of_pairs": self._views / self._pairs if self._pairs else None,
            "first_views": first_views(
                self._layout, self._unit, self._min_views, video_ids, self._parts
            )
            if come_back
            else [],
            "overlaps": [
                {
                    "slug": other.slug,
                    "viewers": seen[Unit.VIEWER],
                    "of_viewers": int(self._viewers_by_views[1:].sum()),
                    "pairs": seen[Unit.VIEWER_VIDEO],
                }
                for other, seen in self._in_both.items()
            ],
        }


def _others(experiment: Experiment) -> Sequence[Experiment]:
    """Return the experiments over some of its videos that ran at some of its time."""
    if experiment.started_at is None:
        return []
    others = Experiment.objects.filter(started_at__isnull=False).exclude(pk=experiment.pk)
    at_once = Q(ended_at__isnull=True) | Q(ended_at__gte=experiment.started_at)
    if experiment.ended_at is not None:
        at_once &= Q(started_at__lte=experiment.ended_at)
    shared = others.filter(at_once, videos__in=experiment.videos.all())
    return list(shared.distinct().order_by("pk"))


def _longer_sum(one: IntArray, other: IntArray) -> IntArray:
    short, long = sorted((one, other), key=len)
    total = long.copy()
    total[: short.size] += short
    return total


def _finite(share: float) -> float | None:
    return share if np.isfinite(share) else None
