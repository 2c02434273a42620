"""The stopping plan as of now: running, at its end, past it, ended early."""

from datetime import UTC, date, datetime, timedelta

import pytest

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.stats.horizon import AlwaysValid, FixedHorizon, GroupSequential, NotYet
from experiments.analysis.stopping import Stopping, always_valid_by_day, stopping_of
from experiments.models import Experiment
from experiments.stopping import StoppingRule

START = datetime(2026, 10, 1, tzinfo=UTC)
END = START + timedelta(days=28)


def planned(**fields: object) -> Experiment:
    given = {"started_at": START, "planned_end": END, "planned_days": 28} | fields
    return Experiment(slug="a", name="A", **given)


def at(experiment: Experiment, day: float, views_a_day: int = 100) -> Stopping:
    """Return how far it is so many days after its start, with views on every day until then."""
    days = int(min(day, 40) + 0.999)
    counts = [
        ArmCount(START.date() + timedelta(days=number), arm, {"views": views_a_day // 2})
        for number in range(days)
        for arm in (0, 1)
    ]
    return stopping_of(experiment, counts, START + timedelta(days=day))


def test_while_it_runs_it_is_always_valid() -> None:
    found = at(planned(), 6.5)
    assert found.horizon == AlwaysValid(0.25, 0.2)
    assert (found.reached, found.ended_early, found.before) == (False, False, None)
    assert at(planned(), 0.001).horizon == AlwaysValid(1 / 28, 0.2)


def test_from_its_planned_end_on_it_is_a_fixed_horizon_of_the_days_before() -> None:
    for day in (28, 40):
        found = at(planned(), day)
        assert found.horizon == FixedHorizon(0.8)
        assert (found.reached, found.before) == (True, END.date())


def test_ended_as_planned_and_ended_early() -> None:
    whole = at(planned(ended_at=END), 40)
    assert (whole.reached, whole.ended_early) == (True, False)
    early = at(planned(ended_at=START + timedelta(days=13.5)), 40)
    assert early.horizon == AlwaysValid(0.5, 0.2)
    assert (early.reached, early.ended_early) == (False, True)


def test_a_fixed_horizon_keeps_nearly_all_of_its_error_for_its_end() -> None:
    fixed = {"stopping_rule": "fixed_horizon"}
    assert at(planned(**fixed), 13.5).horizon == AlwaysValid(0.5, 0.001)
    assert at(planned(**fixed), 28).horizon == FixedHorizon(0.999)


def test_without_a_planned_end_it_stays_always_valid() -> None:
    open_ended = planned(planned_end=None, planned_days=None)
    assert at(open_ended, 55.5).horizon == AlwaysValid(2.0)
    ended = at(planned(planned_end=None, planned_days=None, ended_at=END), 40)
    assert (ended.horizon, ended.ended_early) == (AlwaysValid(29 / 28), False)


def test_an_end_by_views_is_the_day_on_which_they_are_there() -> None:
    by_views = {"planned_end": None, "planned_days": None, "planned_views": 1000}
    assert at(planned(**by_views), 5).horizon == AlwaysValid(0.5, 0.2)
    found = at(planned(**by_views), 10)
    assert (found.reached, found.before) == (True, date(2026, 10, 11))
    assert at(planned(**by_views), 9.9).reached is False
    # The day need not be over where the experiment has ended.
    ended = at(planned(**by_views, ended_at=START + timedelta(days=9.9)), 9.9)
    assert (ended.reached, ended.ended_early) == (True, False)


def test_of_two_ends_the_first_counts() -> None:
    assert at(planned(planned_views=1000), 12).before == date(2026, 10, 11)
    assert at(planned(planned_views=10_000), 29).before == END.date()
    assert at(planned(planned_views=1400), 6.9).horizon == AlwaysValid(0.5, 0.2)


LOOKS = {"stopping_rule": "group_sequential", "looks": 4}


def test_planned_looks_speak_of_the_days_before_them() -> None:
    found = at(planned(**LOOKS), 15)
    assert found.horizon == GroupSequential((700.0, 1400.0), (0.25, 0.5))
    assert (found.look, found.before, found.next_look) == (
        2,
        date(2026, 10, 15),
        date(2026, 10, 22),
    )


def test_before_the_first_look_nothing_is_said() -> None:
    found = at(planned(**LOOKS), 6)
    assert found.horizon == NotYet("the first of 4 planned looks is due on 2026-10-08")
    assert (found.look, found.next_look) == (0, date(2026, 10, 8))
    never = at(planned(**LOOKS, ended_at=START + timedelta(days=3)), 6)
    assert never.horizon == NotYet("the first of 4 planned looks was never reached")
    assert never.ended_early


def test_the_last_look_is_the_planned_end() -> None:
    for found in (at(planned(**LOOKS), 35), at(planned(**LOOKS, ended_at=END), 35)):
        assert found.horizon == GroupSequential(
            (700.0, 1400.0, 2100.0, 2800.0), (0.25, 0.5, 0.75, 1)
        )
        assert (found.look, found.before, found.next_look) == (4, END.date(), None)


def test_an_end_by_views_is_the_last_look() -> None:
    found = at(planned(**LOOKS, planned_views=1000), 12)
    assert found.horizon == GroupSequential((700.0, 1000.0), (0.25, 1.0))
    assert (found.before, found.next_look) == (date(2026, 10, 11), None)


def test_ended_between_looks_it_says_what_the_last_look_said() -> None:
    found = at(planned(**LOOKS, ended_at=START + timedelta(days=10)), 40)
    assert (found.look, found.before, found.ended_early) == (1, date(2026, 10, 8), True)


def test_a_look_that_brought_no_views_is_none() -> None:
    counts = [ArmCount(START.date(), 0, {"views": 50})]
    found = stopping_of(planned(**LOOKS), counts, START + timedelta(days=15))
    assert found.horizon == GroupSequential((50.0,), (0.25,))


@pytest.mark.parametrize(
    ("fields", "share"),
    [({}, 0.2), ({"stopping_rule": "fixed_horizon"}, 0.001), (LOOKS, 1.0)],
)
def test_bands_by_day_are_those_of_the_statement(fields: dict[str, object], share: float) -> None:
    days = [START.date(), START.date() + timedelta(days=13)]
    found = always_valid_by_day(planned(**fields), days)
    assert found == (AlwaysValid(1 / 28, share), AlwaysValid(0.5, share))


def test_every_rule_can_be_told() -> None:
    assert {at(planned(stopping_rule=rule), 3).rule for rule in StoppingRule} == set(StoppingRule)
