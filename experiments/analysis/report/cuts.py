"""Cuts as records: what was computed aside, read at the level and by the horizon of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import nan
from typing import Any

import numpy as np

from experiments.analysis.cuts.kinds import CUTS, PAIRS, Cut
from experiments.analysis.stats.cut_effects import (
    Departure,
    Fading,
    SliceEffects,
    as_lift,
    departures,
    fading,
    lifts,
)
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.results import Estimate
from experiments.analysis.stats.simultaneous import holm
from experiments.models import TwoWayError

Kept = Mapping[str, Any]
KINDS = {cut.name: cut for cut in (*CUTS, *PAIRS)}


@dataclass(frozen=True, slots=True)
class SliceArm:
    """One arm in one slice of a cut.

    Attributes:
        views, clicks: of the arm there; `ctr` is the one over the other, nan without views.
        lift: of pooled CTR over the control's, with an interval that holds for all slices of the
            cut together; None for the control; its `reason` says why it is nan.
        p_value: that the lift is 0, adjusted for the slices; nan where there is none.
        apart: how much more the arm lifts here than over all views; None where not known.
        apart_p_value: that it lifts as everywhere, adjusted for the slices.
    """

    arm: str
    views: int
    clicks: int
    ctr: float
    lift: Estimate | None
    p_value: float
    apart: Estimate | None
    apart_p_value: float


@dataclass(frozen=True, slots=True)
class CutSlice:
    """A slice with every arm, the control first; `name` is that in addresses."""

    name: str
    said: str
    arms: tuple[SliceArm, ...]


@dataclass(frozen=True, slots=True)
class Interaction:
    """Whether an arm's effect differs between the slices of a cut.

    Attributes:
        p_value: that it is the same in all of them; nan where fewer than two can be told.
        p_value_adjusted: Holm's, over all cuts and arms of the report.
    """

    arm: str
    p_value: float
    p_value_adjusted: float


@dataclass(frozen=True, slots=True)
class FadingArm:
    """How an arm's effect changes with a viewer's number of views; see stats.cut_effects."""

    arm: str
    steady: Estimate
    fade: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class CutResult:
    """One cut.

    Attributes:
        name: in addresses and documents; `title` in words.
        slices: those with any view.
        interactions: one an arm but the control.
        fading: the same, of the cut by number of views alone.
    """

    name: str
    title: str
    slices: tuple[CutSlice, ...]
    interactions: tuple[Interaction, ...]
    fading: tuple[FadingArm, ...]


@dataclass(frozen=True, slots=True)
class Cuts:
    """All cuts, as they were last computed.

    Attributes:
        made_at: when.
        current: whether of the very counts that the report shows.
        time_zone: whose clocks tell the hours.
        views: how many were read, `of_views` of how many there were.
        cuts: in the order of the page.
        pairs: two cuts at once, for whoever asks for a slice of both; no test is made of them.
    """

    made_at: datetime
    current: bool
    time_zone: str
    views: int
    of_views: int
    cuts: tuple[CutResult, ...]
    pairs: tuple[CutResult, ...]


def read_cuts(
    found: TwoWayError | None, watermark: int, level: float, horizon: Horizon
) -> Cuts | None:
    """Return the cuts that were computed aside; None before they were, or without any view."""
    if found is None or not found.cuts or not found.cuts["views"]:
        return None
    kept = found.cuts
    results = [_cut(each, level, horizon) for each in kept["cuts"]]
    return Cuts(
        made_at=found.made_at,
        current=found.watermark == watermark,
        time_zone=kept["time_zone"],
        views=kept["views"],
        of_views=kept["of_views"],
        cuts=_adjusted(results),
        # None before the first computation since they were thought of.
        pairs=tuple(
            replace(_cut(each, level, horizon), interactions=()) for each in kept.get("pairs", ())
        ),
    )


def _cut(kept: Kept, level: float, horizon: Horizon) -> CutResult:
    cut = KINDS[kept["name"]]
    effects = {each["arm"]: _effects(each) for each in kept["arms"]}
    lifted = {arm: _lifts(of, level, horizon) for arm, of in effects.items()}
    apart = {arm: departures(of, level, horizon) for arm, of in effects.items()}
    names = ("", *effects)
    slices = tuple(
        CutSlice(
            name,
            _said(cut, name),
            tuple(_slice_arm(kept, place, column, lifted, apart) for column in range(len(names))),
        )
        for place, name in enumerate(kept["slices"])
    )
    return CutResult(
        name=cut.name,
        title=cut.title,
        slices=slices,
        interactions=tuple(_interaction(arm, found) for arm, found in apart.items()),
        fading=_fading(kept, effects, level, horizon),
    )


def _said(cut: Cut, name: str) -> str:
    return next(part.said for part in cut.slices if part.name == name)


def _slice_arm(
    kept: Kept,
    place: int,
    column: int,
    lifted: Mapping[str, Sequence[tuple[Estimate, float]]],
    apart: Mapping[str, Sequence[Departure | None]],
) -> SliceArm:
    views, clicks = kept["views"][place][column], kept["clicks"][place][column]
    arm = list(lifted)[column - 1] if column else kept["control"]
    lift, p_value = lifted[arm][place] if column else (None, nan)
    beside = apart[arm][place] if column else None
    return SliceArm(
        arm=arm,
        views=views,
        clicks=clicks,
        ctr=clicks / views if views else nan,
        lift=lift,
        p_value=p_value,
        apart=beside.ratio if beside else None,
        apart_p_value=beside.p_value if beside else nan,
    )


def _lifts(
    effects: SliceEffects, level: float, horizon: Horizon
) -> tuple[tuple[Estimate, float], ...]:
    """Return each slice's lift and its adjusted p-value; without limits where it is not told."""
    found = zip(
        lifts(effects, level, horizon), effects.log_ratios.tolist(), effects.reasons, strict=True
    )
    return tuple(
        (as_lift(line.simultaneous_difference), line.p_value_adjusted)
        if line
        else (Estimate(float(np.expm1(log_ratio)), nan, nan, level, reason), nan)
        for line, log_ratio, reason in found
    )


def _interaction(arm: str, found: Sequence[Departure | None]) -> Interaction:
    p_values = [each.p_value for each in found if each and each.p_value == each.p_value]
    return Interaction(arm, min(p_values, default=nan), nan)


def _fading(
    kept: Kept, effects: Mapping[str, SliceEffects], level: float, horizon: Horizon
) -> tuple[FadingArm, ...]:
    if kept["reciprocals"] is None:
        return ()
    numbers = np.array(kept["reciprocals"], np.float64)
    found = {arm: fading(of, numbers, level, horizon) for arm, of in effects.items()}
    return tuple(_fading_arm(arm, one) for arm, one in found.items())


def _fading_arm(arm: str, found: Fading) -> FadingArm:
    return FadingArm(arm, found.steady, found.fade, found.p_value)


def _adjusted(results: Sequence[CutResult]) -> tuple[CutResult, ...]:
    """Return the cuts with the p-values of their interactions adjusted for all of them."""
    p_values = holm(np.array([test.p_value for cut in results for test in cut.interactions]))
    adjusted = iter(p_values.tolist())
    return tuple(
        replace(
            cut,
            interactions=tuple(
                replace(test, p_value_adjusted=next(adjusted)) for test in cut.interactions
            ),
        )
        for cut in results
    )


def _effects(kept: Kept) -> SliceEffects:
    return SliceEffects(
        log_ratios=_numbers(kept["log_ratios"]),
        covariance=np.array([_numbers(row) for row in kept["covariance"]]),
        df=_numbers(kept["df"]),
        views=np.array(kept["views"], np.int64),
        reasons=tuple(kept["reasons"]),
    )


def _numbers(kept: Sequence[float | None]) -> FloatArray:
    return np.array([nan if number is None else number for number in kept], np.float64)
