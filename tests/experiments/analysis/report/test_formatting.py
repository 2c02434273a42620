"""Numbers as text."""

from math import inf, nan

import pytest

from experiments.analysis.report import formatting
from experiments.analysis.stats.results import Estimate


def test_percentages_have_the_papers_digits() -> None:
    assert formatting.percent(0.0729) == "7.29 %"
    assert formatting.signed_percent(0.375) == "+37.5 %"
    assert formatting.signed_percent(-0.021) == "-2.1 %"


def test_what_is_nan_is_said_to_be_undefined() -> None:
    nothing = Estimate(nan, nan, nan, 0.95, "no views")
    said = [
        formatting.percent(nan),
        formatting.signed_percent(nan),
        formatting.mean(nan),
        formatting.p_value(nan),
        formatting.interval(nothing),
    ]
    assert said == ["not defined"] * 5


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.341, 0.409, "+34.1 to +40.9 %"),
        (-0.01, 0.25, "-1.0 to +25.0 %"),
        (0.034, inf, "+3.4 % and above"),
    ],
)
def test_intervals_of_improvements_have_signs(low: float, high: float, said: str) -> None:
    assert formatting.interval(Estimate(0.2, low, high, 0.95), 1, signed=True) == said


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (2.2e-308, "< 0.0001"),
        (0.00034, "= 0.00034"),
        (0.0123, "= 0.012"),
        (0.05, "= 0.05"),
        (0.94, "= 0.94"),
        (1.0, "= 1.00"),
    ],
)
def test_p_values_have_two_digits(p: float, said: str) -> None:
    assert formatting.p_value(p) == said


def test_counts_have_their_thousands_set_apart() -> None:
    assert formatting.whole(105_503_000) == "105,503,000"
    assert formatting.mean(3547.04) == "3,547.0"
