"""Cuts of an experiment, computed aside from its events with the two-way error, to be kept.

What is kept is no verdict: log ratios with their covariance. A report reads them at the level and
by the horizon that it has then.
"""

from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from experiments.analysis.cuts.kinds import BY_NUMBER, CUTS, PAIRS, Cut
from experiments.analysis.cuts.views import Views
from experiments.analysis.layout import Layout
from experiments.analysis.new_units import Place, kept_units, new_units
from experiments.analysis.stats.cut_effects import SliceEffects, slice_effects
from experiments.analysis.stats.cut_moments import CutMoments, SlicedViews
from experiments.analysis.stats.records import IntArray, StratifiedCounts
from experiments.analysis.viewer_events import ViewerEvents, places_of
from experiments.unit import Unit

Kept = dict[str, object]
PARTS_AT_MOST = 5  # of the viewers, at random: 20 million views tell a slice well enough
DIGITS = 6
ALL = (*CUTS, *PAIRS)


class CutTally:
    """What parts of an experiment's viewers say of each cut, added up; and its units by day."""

    def __init__(
        self, layout: Layout, counts: StratifiedCounts, place: IntArray, unit: Unit
    ) -> None:
        """Take the experiment.

        Args:
            layout: of the experiment.
            counts: of all its events, in strata of equal shares.
            place: of each phase among the strata.
            unit: what is assigned.
        """
        self._layout, self._counts, self._place, self._unit = layout, counts, place, unit
        self._zone = ZoneInfo(settings.SITE_TIME_ZONE)
        videos, (strata, arms) = len(counts.video_ids), counts.shares.shape
        self._moments = [CutMoments.none(videos, (len(cut.slices), strata, arms)) for cut in ALL]
        self._reciprocals = np.zeros((2, len(_by_number().slices)))  # Σ 1 / n, and views
        self._units: Counter[Place] = Counter()
        self._views, self._parts = 0, 0

    def add(self, events: ViewerEvents) -> None:
        """Add the next part, unless enough are added."""
        if self._parts == PARTS_AT_MOST:
            return
        found = Views.of(events)
        self._parts += 1
        self._views += found.viewer.size
        self._units += new_units(found, self._layout, self._unit, self._zone)
        everything = self._sliced(found)
        for at, cut in enumerate(ALL):
            rows = replace(everything, slice=cut.place(found, self._zone))
            self._moments[at] = self._moments[at].plus(rows)
            if cut.name == BY_NUMBER:
                self._reciprocals += _reciprocals(found, rows.slice, len(cut.slices))

    def kept(self) -> Kept:
        """Return all cuts as they are kept, and the units by the day of their first view."""
        kept = [
            _kept(cut, found, self._counts, self._reciprocals)
            for cut, found in zip(ALL, self._moments, strict=True)
        ]
        return {
            "time_zone": settings.SITE_TIME_ZONE,
            "views": self._views,
            "of_views": int(self._counts.views.sum()),
            "new_units": kept_units(self._units, len(self._layout.arms)),
            "cuts": kept[: len(CUTS)],
            "pairs": kept[len(CUTS) :],
        }

    def _sliced(self, found: Views) -> SlicedViews:
        """Return all views as one slice."""
        phase, arm = self._layout.places(found.cell)
        video = places_of(self._counts.video_ids, found.video)
        pair = found.viewer * len(self._counts.video_ids) + video
        return SlicedViews(
            viewer=found.viewer,
            pair=np.unique(pair, return_inverse=True)[1],
            video=video,
            stratum=self._place[phase],
            arm=arm,
            slice=np.zeros_like(video),
            clicked=found.clicked,
        )


def _by_number() -> Cut:
    return next(cut for cut in CUTS if cut.name == BY_NUMBER)


def _reciprocals(found: Views, slices: IntArray, size: int) -> np.ndarray:
    return np.stack([np.bincount(slices, 1 / found.number, size), np.bincount(slices, None, size)])


def _kept(cut: Cut, moments: CutMoments, counts: StratifiedCounts, reciprocals: np.ndarray) -> Kept:
    """Return a cut without the slices that have no views."""
    views_of, clicks_of = moments.totals.sum(axis=2)  # (L, K)
    seen = np.flatnonzero(views_of.sum(axis=1))
    means = reciprocals[0] / np.maximum(reciprocals[1], 1) if cut.name == BY_NUMBER else None
    return {
        "name": cut.name,
        "slices": [cut.slices[place].name for place in seen],
        "views": views_of[seen].tolist(),
        "clicks": clicks_of[seen].tolist(),
        "control": counts.arms[0],
        "reciprocals": None if means is None else means[seen].tolist(),
        "arms": [
            {"arm": name, **_kept_effects(slice_effects(moments, counts.shares, arm), seen)}
            for arm, name in enumerate(counts.arms)
            if arm
        ],
    }


def _kept_effects(effects: SliceEffects, seen: IntArray) -> Kept:
    return {
        "log_ratios": _rounded(effects.log_ratios[seen]),
        "covariance": [_rounded(row) for row in effects.covariance[np.ix_(seen, seen)]],
        "df": _rounded(effects.df[seen]),
        "views": effects.views[seen].tolist(),
        "reasons": [effects.reasons[place] for place in seen],
    }


def _rounded(values: np.ndarray) -> list[float | None]:
    """Return numbers as JSON holds them, null for nan."""
    return [float(f"{x:.{DIGITS}g}") if np.isfinite(x) else None for x in values.tolist()]
