"""Metrics beside the primary, compared as it is, and where each arm stands by all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import nan
from typing import TypedDict

from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.report.estimates import estimate_metric
from experiments.analysis.report.reading import Reading
from experiments.analysis.report.record import MetricArm, MetricResult
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.guardrails import NonInferiority, non_inferiority
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.metrics import Scorecard, Standing, scorecard
from experiments.analysis.stats.records import LEVEL
from experiments.analysis.stats.results import Comparison, Estimated
from experiments.analysis.stats.summary import arm_estimate
from experiments.metrics import GUARDRAILS, METRICS, PRIMARY, Metric, Role
from experiments.models import Experiment


class ReadAs(TypedDict):
    """The level and the horizon that every metric is read at."""

    level: float
    horizon: Horizon


NOTHING = "nothing was counted for it"


@dataclass(frozen=True, slots=True)
class _Compared:
    """A metric's figures, or the reason why there are none; `guarded` and `others` are by arm."""

    metric: Metric
    estimated: Estimated | None = None
    guarded: Mapping[str, NonInferiority] = field(default_factory=dict)
    others: Mapping[str, Comparison] = field(default_factory=dict)
    reason: str = ""


def judge(
    reading: Reading, primary: tuple[Comparison, ...], experiment: Experiment, min_views: int
) -> tuple[tuple[MetricResult, ...], dict[str, Standing]]:
    """Return the result of each metric beside the primary, and where each arm stands.

    A metric of which nothing can be said takes no part in it.
    """
    found = [_compared(reading, one, experiment, min_views) for one in _beside(experiment)]
    cards = {comparison.arm: _card(comparison, found, experiment.margin) for comparison in primary}
    standings = {arm: card.standing for arm, card in cards.items()}
    return tuple(_result(reading, one, cards) for one in found), standings


def _beside(experiment: Experiment) -> list[Metric]:
    """Return the metrics beside the primary, guardrails with the margins of the experiment."""
    margins = experiment.guardrails
    guardrails = [replace(m, margin=margins[m.name]) for m in GUARDRAILS if m.name in margins]
    return guardrails + [metric for metric in METRICS if metric.role is Role.SECONDARY]


def _compared(
    reading: Reading, metric: Metric, experiment: Experiment, min_views: int
) -> _Compared:
    least = min_views if metric.denominator == PRIMARY.denominator else 1
    try:
        estimated = estimate_metric(reading, reading.measured.of(metric), least)
    except UnusableMetricError as error:
        return _Compared(metric, reason=str(error))
    if not estimated.counts.clicks.any():
        return _Compared(metric, reason=NOTHING)
    means = estimated.mean_ctr
    read_as: ReadAs = {"level": experiment.level, "horizon": reading.stopping.horizon}
    if metric.role is Role.SECONDARY:
        return _Compared(metric, estimated, others={c.arm: c for c in compare(means, **read_as)})
    tested = non_inferiority(
        means, metric.margin, higher_is_better=metric.higher_is_better, **read_as
    )
    return _Compared(metric, estimated, guarded={test.arm: test for test in tested})


def _card(primary: Comparison, found: list[_Compared], margin: float) -> Scorecard:
    arm = primary.arm
    return scorecard(
        primary,
        {one.metric.name: one.guarded[arm] for one in found if arm in one.guarded},
        {one.metric.name: one.others[arm] for one in found if arm in one.others},
        margin,
    )


def _result(reading: Reading, one: _Compared, cards: Mapping[str, Scorecard]) -> MetricResult:
    metric, estimated = one.metric, one.estimated
    arms = (
        tuple(_arm(one, estimated, name, cards.get(name)) for name in reading.layout.names)
        if estimated
        else ()
    )
    return MetricResult(
        name=metric.name,
        said=metric.said,
        role=metric.role,
        higher_is_better=metric.higher_is_better,
        margin=metric.margin,
        reason=one.reason,
        arms=arms,
    )


def _arm(one: _Compared, estimated: Estimated, arm: str, card: Scorecard | None) -> MetricArm:
    guarded, other = one.guarded.get(arm), one.others.get(arm)
    test = card.p_values.get(one.metric.name) if card else None
    included, means = estimated.included, estimated.mean_ctr
    return MetricArm(
        arm=arm,
        events=int(included.clicks[:, included.arm_index(arm)].sum()),
        mean=arm_estimate(means, means.arms.index(arm), LEVEL),
        change=guarded.change if guarded else other.improvement if other else None,
        p_value=test.p_value if test else nan,
        p_value_adjusted=test.p_value_adjusted if test else nan,
        holds=guarded.holds if guarded else None,
    )
