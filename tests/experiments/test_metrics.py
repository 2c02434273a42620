"""Metrics are declared so that everything else can follow from them."""

from math import nan

import pytest

from experiments.measures import MEASURES
from experiments.metrics import METRICS, PICTURE_BYTES, PRIMARY, USED_MEASURES, Metric, Role


def test_every_metric_is_a_ratio_of_two_measures_that_are_counted() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        whole, *part = (measure.name for measure in metric.measures)
        assert whole == metric.denominator
        assert part == [name for name in [metric.numerator] if name != PICTURE_BYTES]
        assert metric.is_amount == any(one.adds_watched_ms for one in metric.measures) or not part
    assert set(USED_MEASURES) <= set(MEASURES)
    assert PRIMARY.measures == USED_MEASURES[:2]


@pytest.mark.parametrize(
    ("role", "margin"),
    [(Role.GUARDRAIL, nan), (Role.GUARDRAIL, 0.0), (Role.GUARDRAIL, 5), (Role.SECONDARY, 0.05)],
)
def test_a_margin_is_a_guardrails_alone(role: Role, margin: float) -> None:
    with pytest.raises(ValueError, match=f"x: margin == {margin}, must be between 0 and 1"):
        Metric("x", "clicks per view", "clicks", "views", role, margin=margin)


def test_what_may_rise_may_rise_to_more_than_twice() -> None:
    bytes_of = next(metric for metric in METRICS if metric.name == PICTURE_BYTES)
    assert [bytes_of.allows(margin) for margin in (0, 0.5, 8, 100, "a", nan)] == [
        False, True, True, False, False, False,
    ]  # fmt: skip
