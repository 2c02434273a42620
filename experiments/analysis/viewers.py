"""Facts about an experiment's viewers, gathered part by part beside the two-way error.

The busiest viewers' share of the views, and units seen in other experiments.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from django.db.models import Q

from experiments.analysis.layout import Layout
from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.concentration import busiest_share, viewers_by_views
from experiments.analysis.stats.records import IntArray
from experiments.analysis.viewer_events import ViewerEvents, longer_sum
from experiments.events.columns import distinct
from experiments.models import Experiment
from experiments.unit import Unit

# Where fewer views than this are of viewers who come back, first views say what all views say.
FEW_COME_BACK = 0.01


class ViewerTally:
    """What parts of an experiment's viewers did, added up."""

    def __init__(self, layout: Layout, others: Mapping[Experiment, Layout]) -> None:
        """Take the layouts of the experiment, and of others that its viewers may have seen."""
        self._layout, self._others = layout, others
        self._in_both = {other: Counter[Unit]() for other in others}
        self._viewers_by_views = np.zeros(0, dtype=np.int64)
        self._viewers_by_clicks = np.zeros(0, dtype=np.int64)
        self._views, self._pairs = 0, 0

    def add(self, sums: CodedSums, everything: ViewerEvents) -> None:
        """Add the next part.

        Args:
            sums: of the experiment.
            everything: events of the same viewers in all experiments.
        """
        found = viewers_by_views(sums.viewer, sums.views)
        self._viewers_by_views = longer_sum(self._viewers_by_views, found)
        clicked = viewers_by_views(sums.viewer, sums.clicks)
        self._viewers_by_clicks = longer_sum(self._viewers_by_clicks, clicked)
        self._views += int(sums.views.sum())
        self._pairs += sums.pair_starts.size
        for other, layout in self._others.items():
            self._in_both[other] += seen_in_both(everything, self._layout, layout)

    @property
    def come_back(self) -> bool:
        """Whether more than a few views are of a viewer who saw the video before."""
        return self._views - self._pairs > FEW_COME_BACK * self._views

    def kept(self) -> dict[str, object]:
        """Return what is kept of all parts, by the names of the fields."""
        return {
            "busiest_share": _finite(busiest_share(self._viewers_by_views)),
            "busiest_clicks_share": _finite(busiest_share(self._viewers_by_clicks)),
            "views_of_pairs": self._views / self._pairs if self._pairs else None,
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


def seen_in_both(events: ViewerEvents, one: Layout, other: Layout) -> Counter[Unit]:
    """Return how many viewers, and viewers with a video, had views in two experiments."""
    views = events.where(~events.is_click)
    in_one, in_other = (np.isin(views.cell, list(layout.cells)) for layout in (one, other))
    of_unit = {Unit.VIEWER: views.viewer, Unit.VIEWER_VIDEO: views.pair}
    return Counter(
        {unit: _in_both(number[in_one], number[in_other]) for unit, number in of_unit.items()}
    )


def _in_both(one: IntArray, other: IntArray) -> int:
    both = np.sort(np.concatenate([distinct(one), distinct(other)]))
    return int((both[1:] == both[:-1]).sum())


def others_of(experiment: Experiment) -> Sequence[Experiment]:
    """Return the experiments over some of its videos that ran at some of its time."""
    if experiment.started_at is None:
        return []
    others = Experiment.objects.filter(started_at__isnull=False).exclude(pk=experiment.pk)
    at_once = Q(ended_at__isnull=True) | Q(ended_at__gte=experiment.started_at)
    if experiment.ended_at is not None:
        at_once &= Q(started_at__lte=experiment.ended_at)
    shared = others.filter(at_once, videos__in=experiment.videos.all())
    return list(shared.distinct().order_by("pk"))


def _finite(share: float) -> float | None:
    return share if np.isfinite(share) else None
