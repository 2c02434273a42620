"""Metrics are declared so that everything else can follow from them."""

from math import nan

import pytest

from experiments.measures import MEASURES
from experiments.metrics import METRICS, PRIMARY, USED_MEASURES, Metric, Role


def test_every_metric_is_a_ratio_of_two_measures_that_are_counted() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        whole, part = metric.measures
        assert (whole.name, part.name) == (metric.denominator, metric.numerator)
        assert not whole.adds_watched_ms
        assert not part.adds_watched_ms
    assert set(USED_MEASURES) <= set(MEASURES)
    assert PRIMARY.measures == USED_MEASURES[:2]


@pytest.mark.parametrize(
    ("role", "margin"),
    [(Role.GUARDRAIL, nan), (Role.GUARDRAIL, 0.0), (Role.GUARDRAIL, 5), (Role.SECONDARY, 0.05)],
)
def test_a_margin_is_a_guardrails_alone(role: Role, margin: float) -> None:
    with pytest.raises(ValueError, match=f"x: margin == {margin}, must be between 0 and 1"):
        Metric("x", "clicks per view", "clicks", "views", role, margin=margin)
