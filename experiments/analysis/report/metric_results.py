"""Metrics beside the primary, compared as it is, and where each arm stands by all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import nan
from typing import TypedDict

from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.report.metric_means import MetricMeans, metric_means
from experiments.analysis.report.reading import Reading
from experiments.analysis.report.record import MetricArm, MetricResult
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.guardrails import NonInferiority, non_inferiority
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.metrics import Scorecard, Standing, scorecard
from experiments.analysis.stats.records import LEVEL
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stats.summary import arm_estimate
from experiments.metrics import GUARDRAILS, METRICS, PRIMARY, Metric, Quantity, Role
from experiments.models import Experiment


class ReadAs(TypedDict):
    """The level and the horizon that every metric is read at."""

    level: float
    horizon: Horizon


@dataclass(frozen=True, slots=True)
class _Compared:
    """A metric's figures, or the reason why there are none; `guarded` and `others` are by arm."""

    metric: Metric
    found: MetricMeans | None = None
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
    """Return the metrics beside the primary, guardrails with the margins of the experiment.

    A guardrail that its plan has not informs, as secondary metrics do.
    """
    margins = experiment.guardrails
    guardrails = [replace(m, margin=margins[m.name]) for m in GUARDRAILS if m.name in margins]
    without = (m for m in METRICS if m is not PRIMARY and m.name not in margins)
    return guardrails + [replace(m, role=Role.SECONDARY, margin=nan) for m in without]


def _compared(
    reading: Reading, metric: Metric, experiment: Experiment, min_views: int
) -> _Compared:
    try:
        found = metric_means(reading, metric, min_views)
    except UnusableMetricError as error:
        return _Compared(metric, reason=str(error))
    means = found.means
    read_as: ReadAs = {"level": experiment.level, "horizon": reading.stopping.horizon}
    if metric.role is Role.SECONDARY:
        return _Compared(metric, found, others={c.arm: c for c in compare(means, **read_as)})
    tested = non_inferiority(
        means, metric.margin, higher_is_better=metric.higher_is_better, **read_as
    )
    if metric.quantity is Quantity.BYTES:
        tested = tuple(map(_known, tested))
    return _Compared(metric, found, guarded={test.arm: test for test in tested})


def _known(test: NonInferiority) -> NonInferiority:
    """Return the guardrail of what is known of every video: where nothing varies, it decides."""
    untested = bool(test.reason) and test.change.value <= test.margin
    return replace(test, holds=True) if untested else test


def _card(primary: Comparison, found: list[_Compared], margin: float) -> Scorecard:
    arm = primary.arm
    return scorecard(
        primary,
        {one.metric.name: one.guarded[arm] for one in found if arm in one.guarded},
        {one.metric.name: one.others[arm] for one in found if arm in one.others},
        margin,
    )


def _result(reading: Reading, one: _Compared, cards: Mapping[str, Scorecard]) -> MetricResult:
    metric, found = one.metric, one.found
    arms = (
        tuple(_arm(one, found, name, cards.get(name)) for name in reading.layout.names)
        if found
        else ()
    )
    return MetricResult(
        name=metric.name,
        said=metric.said,
        role=metric.role,
        quantity=metric.quantity,
        higher_is_better=metric.higher_is_better,
        margin=metric.margin,
        reason=one.reason,
        arms=arms,
    )


def _arm(one: _Compared, found: MetricMeans, arm: str, card: Scorecard | None) -> MetricArm:
    guarded, other = one.guarded.get(arm), one.others.get(arm)
    test = card.p_values.get(one.metric.name) if card else None
    return MetricArm(
        arm=arm,
        events=found.events[arm],
        mean=arm_estimate(found.means, found.means.arms.index(arm), LEVEL),
        change=guarded.change if guarded else other.improvement if other else None,
        p_value=test.p_value if test else nan,
        p_value_adjusted=test.p_value_adjusted if test else nan,
        holds=guarded.holds if guarded else None,
    )
