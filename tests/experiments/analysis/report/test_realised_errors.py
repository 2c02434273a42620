"""The self-audit in words: what was promised, what was found, and an alarm where it is too much."""

from experiments.analysis.report.realised_errors import realised_rates, said
from experiments.models import TwoWayError


def row(
    value: float | None, low: float | None, high: float | None, reason: str = ""
) -> TwoWayError:
    rate = {"value": value, "low": low, "high": high, "level": 0.95, "reason": reason}
    return TwoWayError(
        realised_errors=[
            {
                "kind": "split control",
                "method": "two-way by viewer and video",
                "nominal": 0.05,
                "rate": rate,
                "tests": 200,
                "untestable": 0,
            }
        ]
    )


def test_the_rate_found_stands_beside_the_promised_one() -> None:
    (line,) = realised_rates(row(0.06, 0.03, 0.1))
    assert said(line) == (
        "On its own log, half of the control's viewers against the other half: 6.0 % of 200 tests "
        "found a difference (3.0 to 10.0 %), where 5 % should; test: two-way by viewer and video."
    )


def test_too_many_are_an_alarm() -> None:
    (line,) = realised_rates(row(0.15, 0.1, 0.2))
    assert line.alarm
    assert said(line).endswith("That is too many: intervals here are too narrow.")


def test_what_could_not_be_tested_says_why() -> None:
    (line,) = realised_rates(row(None, None, None, "too few clicks"))
    assert not line.alarm
    assert said(line).endswith("against the other half: too few clicks.")


def test_before_it_is_computed_there_is_none() -> None:
    assert realised_rates(None) == ()
