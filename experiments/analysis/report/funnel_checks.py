"""The steps to a view and past it, arm against arm: whether an arm loses pictures on the way.

A view is counted when a picture is in sight. An arm whose pictures load more slowly loses some of
its views before that, and its click rate is then of other views than the control's. An arm whose
pictures begin to move too late was seen as a still in part of its views.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import nan

import numpy as np

from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.report.estimates import estimate_metric
from experiments.analysis.report.funnel_record import (
    ALARM,
    FunnelArm,
    FunnelChecks,
    FunnelStep,
    Missing,
    Unlike,
)
from experiments.analysis.report.reading import Reading
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.missing_views import bounds_of_lift, lift_if_moving
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stats.simultaneous import holm
from experiments.metrics import ANIMATED_PER_VIEW, FUNNEL, VIEWS_PER_SERVED, Metric
from experiments.models import Experiment

NOT_RECORDED = "this step is not recorded"
NOTHING_MOVES = "no arm's pictures move"
STILL = "does not apply: a still"


def funnel_checks(
    reading: Reading, rates: Mapping[str, float], experiment: Experiment
) -> FunnelChecks | None:
    """Return the checks; None where units are left out: their steps are not read.

    Args:
        reading: of the experiment.
        rates: mCTR by arm.
        experiment: whose level counts.
    """
    if reading.left_out:
        return None
    found = [_step(reading, metric, experiment) for metric in FUNNEL]
    tests = [arm.p_value for step in found[:-1] for arm in step.arms]
    adjusted = iter(holm(np.array(tests)).tolist())
    steps = tuple(
        replace(step, arms=tuple(replace(arm, p_value=next(adjusted)) for arm in step.arms))
        for step in found[:-1]
    )
    by_name = {step.name: step for step in steps}
    return FunnelChecks(
        (*steps, found[-1]),
        _missing(by_name[VIEWS_PER_SERVED.name], rates),
        _unlike(by_name[ANIMATED_PER_VIEW.name], rates, reading.layout.names[0]),
    )


def _step(reading: Reading, metric: Metric, experiment: Experiment) -> FunnelStep:
    nothing = FunnelStep(metric.name, metric.said, (), NOT_RECORDED)
    names = reading.layout.names
    taking = _moving(reading) if metric is ANIMATED_PER_VIEW else list(range(len(names)))
    if not taking:
        return replace(nothing, reason=NOTHING_MOVES)
    try:
        counts = reading.measured.of(metric)
    except UnusableMetricError as error:
        return replace(nothing, reason=str(error))
    if not all(np.any(reading.measured.measures[one.name]) for one in metric.measures):
        return nothing
    shares, lines = _compared(reading, counts, taking, experiment)
    arms = tuple(
        _arm(name, shares[name], lines.get(name))
        if place in taking
        else FunnelArm(name, nan, None, nan, STILL)
        for place, name in enumerate(names)
    )
    return FunnelStep(metric.name, metric.said, arms, "", names[taking[0]])


def _compared(
    reading: Reading,
    counts: StratifiedCounts | ViewerVideoSums,
    taking: list[int],
    experiment: Experiment,
) -> tuple[dict[str, float], dict[str, Comparison]]:
    """Return the mean share of each arm, and the comparison of those that take the step."""
    alone = len(taking) == 1
    means = estimate_metric(reading, counts if alone else counts.of_arms(taking), 1).mean_ctr
    shares = dict(zip(means.arms, means.means.tolist(), strict=True))
    if alone:
        return shares, {}
    found = compare(means, level=experiment.level, horizon=reading.stopping.horizon)
    return shares, {line.arm: line for line in found}


def _moving(reading: Reading) -> list[int]:
    """Return the places of the arms whose pictures move, by their files, or else by what moved."""
    arms, pictures = reading.layout.arms, reading.pictures
    if pictures:
        moving = {selector for selector, of in pictures.items() if of.move}
        return [place for place, arm in enumerate(arms) if arm.selector in moving]
    moved = {day.arm for day in reading.days if day.measures["animated"]}
    return [place for place, arm in enumerate(arms) if arm.index in moved]


def _arm(name: str, share: float, line: Comparison | None) -> FunnelArm:
    if line is None:
        return FunnelArm(name, share, None, nan)
    return FunnelArm(name, share, line.simultaneous_improvement, line.p_value)


def _missing(seen: FunnelStep, rates: Mapping[str, float]) -> tuple[Missing, ...]:
    """Return what the missing views of each arm could do, where some are missing."""
    if not seen.arms or not rates[seen.baseline] > 0:
        return ()
    control, off = seen.arms[0], _beyond_chance(seen)
    bounds = [
        bounds_of_lift(rates[control.arm], rates[arm.arm], control.share, arm.share) for arm in off
    ]
    return tuple(
        Missing(arm.arm, arm.share / control.share - 1, low, high)
        for arm, (low, high) in zip(off, bounds, strict=True)
    )


def _unlike(moved: FunnelStep, rates: Mapping[str, float], control: str) -> tuple[Unlike, ...]:
    """Return the arms that do not move as often as the first that does, and what that may do."""
    shares = {arm.arm: arm.share for arm in moved.arms}
    of_baseline = shares.get(moved.baseline, nan)
    is_still = moved.baseline != control
    found = []
    for arm in _beyond_chance(moved):
        lift = rates[arm.arm] / rates[control] - 1 if rates[control] > 0 else nan
        alike = lift_if_moving(lift, arm.share, of_baseline) if is_still else nan
        found.append(Unlike(arm.arm, moved.baseline, arm.share, of_baseline, lift, alike))
    return tuple(found)


def _beyond_chance(step: FunnelStep) -> Sequence[FunnelArm]:
    return [arm for arm in step.arms if arm.p_value < ALARM]
