"""Audit cases of cuts: an arm whose effect is the same in every slice, here nothing at all."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.cut_effects import (
    SliceEffects,
    departures,
    fading,
    lifts,
    slice_effects,
)
from experiments.analysis.stats.cut_moments import CutMoments, SlicedViews
from experiments.analysis.stats.horizon import FixedHorizon
from experiments.analysis.stats.records import FloatArray, IntArray, ViewerVideoSums
from experiments.analysis.stats.scenarios import Scenario, draw
from experiments.analysis.stats.simultaneous import holm
from experiments.unit import Unit

LEVEL = 0.95
ONCE = FixedHorizon()
HOURS, DEVICES = 24, (0.5, 0.35, 0.15)
NUMBERS = (1, 2, 4, 8, 16, 32)  # the first of each slice by number of views
VIEWS = 120.0  # of a video: each hour has enough clicks to be told


@dataclass(frozen=True, slots=True)
class Cuts:
    """Two equal arms cut by hour of the view, device of the viewer, and number of the view."""

    scenario: Scenario
    figures: tuple[str, ...] = (
        "slices differ, by hour",
        "slices differ, by device",
        "slices differ, by number",
        "any of them, adjusted",
        "intervals of all hours",
        "intervals of all devices",
        "fading found",
        "steady lift missed",
    )

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw once and look at every cut."""
        sums = draw(self.scenario, rng)
        number = _numbers(sums.viewer_ids)
        device = rng.choice(len(DEVICES), self.scenario.viewers, p=DEVICES)[sums.viewer_ids]
        slices = {
            "hour": rng.integers(0, HOURS, number.size),
            "device": device,
            "number": np.searchsorted(NUMBERS, number, "right") - 1,
        }
        found = {name: _effects(sums, place) for name, place in slices.items()}
        p_values = [_smallest(effects) for effects in found.values()]
        reciprocals = _mean_reciprocals(number, slices["number"])
        fade = fading(found["number"], reciprocals, LEVEL, ONCE)
        return (
            *map(_rejected, [*p_values, float(np.min(holm(np.array(p_values))))]),
            _any_missed(found["hour"]),
            _any_missed(found["device"]),
            _rejected(fade.p_value),
            float(not fade.steady.low <= 0 <= fade.steady.high),
        )


def _numbers(viewers: IntArray) -> IntArray:
    """Return how many views a viewer has had with each row, counted from 1, (N,)."""
    order = np.argsort(viewers, kind="stable")
    first = np.searchsorted(viewers[order], viewers[order])
    number = np.empty_like(order)
    number[order] = np.arange(order.size) - first + 1
    return number


def _effects(sums: ViewerVideoSums, place: IntArray) -> SliceEffects:
    videos, arms = int(sums.video_ids.max()) + 1, len(sums.arms)
    viewer = np.unique(sums.viewer_ids, return_inverse=True)[1]
    pair = viewer * videos + sums.video_ids
    rows = SlicedViews(
        viewer=viewer,
        pair=np.unique(pair, return_inverse=True)[1],
        video=sums.video_ids,
        stratum=sums.stratum,
        arm=sums.arm_index,
        slice=place,
        clicked=sums.clicks > 0,
    )
    none = CutMoments.none(videos, (int(place.max()) + 1, 1, arms))
    return slice_effects(none.plus(rows), sums.shares, 1)


def _smallest(effects: SliceEffects) -> float:
    return min((line.p_value for line in departures(effects, LEVEL, ONCE) if line), default=np.nan)


def _any_missed(effects: SliceEffects) -> float:
    found = [line.simultaneous_difference for line in lifts(effects, LEVEL, ONCE) if line]
    return float(any(not line.low <= 0 <= line.high for line in found))


def _mean_reciprocals(number: IntArray, place: IntArray) -> FloatArray:
    return np.asarray(np.bincount(place, 1 / number) / np.maximum(np.bincount(place), 1))


def _rejected(p_value: float) -> float:
    return float("nan") if np.isnan(p_value) else float(p_value < 1 - LEVEL)


CUTS = {
    "top 1 % makes 13 %": Cuts(
        Scenario(Unit.VIEWER_VIDEO, views=VIEWS, activity_spread=1.2, effect_spread=0.25)
    ),
    "assigned by viewer": Cuts(Scenario(Unit.VIEWER, views=VIEWS, effect_spread=0.25)),
}
