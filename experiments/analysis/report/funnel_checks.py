"""The steps before a view, arm against arm: whether an arm loses pictures on the way.

A view is counted when a picture is in sight. An arm whose pictures load more slowly loses some of
its views before that, and its click rate is then of other views than the control's.
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
)
from experiments.analysis.report.reading import Reading
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.missing_views import bounds_of_lift
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stats.simultaneous import holm
from experiments.metrics import FUNNEL, VIEWS_PER_SERVED, Metric
from experiments.models import Experiment

NOT_RECORDED = "this step is not recorded"


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
    return FunnelChecks((*steps, found[-1]), _missing(steps, rates))


def _step(reading: Reading, metric: Metric, experiment: Experiment) -> FunnelStep:
    nothing = FunnelStep(metric.name, metric.said, (), NOT_RECORDED)
    try:
        counts = reading.measured.of(metric)
    except UnusableMetricError as error:
        return replace(nothing, reason=str(error))
    if not all(np.any(reading.measured.measures[one.name]) for one in metric.measures):
        return nothing
    means = estimate_metric(reading, counts, 1).mean_ctr
    horizon = reading.stopping.horizon
    lines = {line.arm: line for line in compare(means, level=experiment.level, horizon=horizon)}
    shares = dict(zip(means.arms, means.means.tolist(), strict=True))
    arms = tuple(_arm(name, shares[name], lines.get(name)) for name in reading.layout.names)
    return FunnelStep(metric.name, metric.said, arms, "")


def _arm(name: str, share: float, line: Comparison | None) -> FunnelArm:
    if line is None:
        return FunnelArm(name, share, None, nan)
    return FunnelArm(name, share, line.simultaneous_improvement, line.p_value)


def _missing(steps: Sequence[FunnelStep], rates: Mapping[str, float]) -> tuple[Missing, ...]:
    """Return what the missing views of each arm could do, where some are missing."""
    (seen,) = (step for step in steps if step.name == VIEWS_PER_SERVED.name)
    if not seen.arms or not rates[seen.arms[0].arm] > 0:
        return ()
    control, *others = seen.arms
    off = [arm for arm in others if arm.p_value < ALARM]
    bounds = [
        bounds_of_lift(rates[control.arm], rates[arm.arm], control.share, arm.share) for arm in off
    ]
    return tuple(
        Missing(arm.arm, arm.share / control.share - 1, low, high)
        for arm, (low, high) in zip(off, bounds, strict=True)
    )
