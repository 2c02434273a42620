"""Steps of the funnel: added up over days, and no 0 for what nobody recorded."""

from datetime import date

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.report.funnel import steps
from experiments.measures import EVENTS_OF

RECORDED = dict.fromkeys(EVENTS_OF.values(), 5)


def day(number: int, arm: int = 0, **measures: int | None) -> ArmCount:
    return ArmCount(date(2026, 10, number), arm, RECORDED | measures)


def test_days_of_the_arm_are_added_up() -> None:
    found = steps([day(1), day(2), day(1, 1, clicks=9)], 0)
    assert set(found.values()) == {10}
    assert list(found) == ["served", "loaded", "viewable", "animated", "click", "watched", "calm"]


def test_a_step_that_no_arm_has_is_not_recorded_and_one_that_some_arm_has_is_0() -> None:
    days = [day(1, served=0, animated=0, clicks=0), day(1, 1, served=0, animated=4, clicks=0)]
    found = steps(days, 0)
    assert (found["served"], found["animated"], found["click"]) == (None, 0, 0)
    assert steps(days, 1)["animated"] == 4


def test_a_step_that_was_not_counted_on_some_day_is_not_recorded() -> None:
    assert steps([day(1), day(2, watched=None)], 0)["watched"] is None
    assert steps([day(1), day(2, 1, watched=None)], 0)["watched"] == 5


def test_without_any_view_nothing_happened() -> None:
    nothing = dict.fromkeys(EVENTS_OF.values(), 0)
    assert set(steps([ArmCount(date(2026, 10, 1), 0, nothing)], 0).values()) == {0}
    assert set(steps([], 0).values()) == {0}
