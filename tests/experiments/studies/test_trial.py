"""Simulated viewers go through the feed and ingest of the site, and nowhere but to a trial."""

from collections.abc import Callable
from itertools import count

import pytest
from pytest_django import Settings

from experiments.analysis.kept_counts import daily_counts
from experiments.analysis.layout import Layout
from experiments.errors import ExperimentError, InvalidValuesError, StateError
from experiments.events.rollup import roll_up
from experiments.models import AuditEntry, Experiment, SimulatedTraffic
from experiments.serving import feed, lifecycle
from experiments.studies import trial
from experiments.tasks import send_simulated_viewers
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment() -> Experiment:
    return make_experiment(videos=4, simulated="by a test")


def measured(experiment: Experiment) -> dict[str, int]:
    roll_up()
    totals: dict[str, int] = {}
    for row in daily_counts(Layout.of(experiment), include_bots=False):
        for name, value in row.measures.items():
            totals[name] = totals.get(name, 0) + int(value or 0)
    return totals


def test_what_viewers_did_is_what_is_counted(experiment: Experiment) -> None:
    asked = trial.ask(experiment, viewers=120, lift=0.4)
    send_simulated_viewers(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.sent, asked.message) == ("done", 120, "")
    assert asked.ended_at is not None
    counts = measured(experiment)
    assert (counts["views"], counts["clicks"]) == (asked.views, asked.clicks)
    assert counts["views"] > 120
    assert counts["clicks"] > 0


def test_the_same_viewers_are_not_sent_twice(experiment: Experiment) -> None:
    asked = trial.ask(experiment, viewers=60, lift=0.0)
    send_simulated_viewers(asked.pk)
    before = measured(experiment)
    send_simulated_viewers(asked.pk)  # a message that came again
    assert measured(experiment) == before


def test_a_group_goes_on_where_its_worker_was_lost(experiment: Experiment) -> None:
    asked = trial.ask(experiment, viewers=100, lift=0.0)
    SimulatedTraffic.objects.update(state="sending", sent=90, views=500)
    asked.refresh_from_db()
    trial.send(asked)
    assert (asked.state, asked.sent) == ("done", 100)
    assert asked.views - 500 == measured(experiment)["views"]


def test_it_is_bounded_in_time(experiment: Experiment) -> None:
    asked = trial.ask(experiment, viewers=1000, lift=0.0)
    clock = count(step=trial.MAX_S / 3)
    assert trial.send(asked, now_s=lambda: float(next(clock)))
    assert (asked.state, asked.sent) == ("sending", trial.BATCH)
    assert not trial.send(asked, now_s=lambda: float(next(clock)))
    assert (asked.state, asked.sent) == ("done", 2 * trial.BATCH)
    assert asked.message == "120 s were over: send the rest as another group"


def test_others_have_their_turn_in_between(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = trial.ask(experiment, viewers=2 * trial.BATCH, lift=0.0)
    monkeypatch.setattr(trial, "TURN_S", -1.0)  # one batch a turn
    again: list[int] = []
    monkeypatch.setattr(send_simulated_viewers, "delay", again.append)
    send_simulated_viewers(asked.pk)
    assert (again, measured(experiment)["views"] > 0) == ([asked.pk], True)
    send_simulated_viewers(asked.pk)
    asked.refresh_from_db()
    assert (again, asked.state, asked.sent) == ([asked.pk], "done", 2 * trial.BATCH)
    assert measured(experiment)["views"] == asked.views


def test_a_trial_that_is_paused_meanwhile_ends_the_group(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = trial.ask(experiment, viewers=1000, lift=0.0)
    report: Callable[..., None] = trial._report

    def pausing(group: object) -> None:
        report(group)
        lifecycle.pause(Experiment.objects.get())

    monkeypatch.setattr(trial, "_report", pausing)
    trial.send(asked)
    assert (asked.state, asked.sent) == ("done", trial.BATCH)
    assert asked.message.startswith("pilot is paused, must be running")


def test_what_goes_wrong_is_noted(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> object:
        raise ExperimentError("the experiment is not served")

    asked = trial.ask(experiment, viewers=10, lift=0.0)
    monkeypatch.setattr(feed, "slots", away)
    trial.send(asked)
    assert (asked.state, asked.message) == ("failed", "the experiment is not served")


def test_only_a_running_trial_of_a_development_site_is_sent_viewers(
    experiment: Experiment, settings: Settings
) -> None:
    real = make_experiment("real", videos=1)
    with pytest.raises(StateError, match="real has real viewers"):
        trial.ask(real, viewers=10, lift=0.0)
    lifecycle.pause(experiment)
    with pytest.raises(StateError, match="pilot is paused"):
        trial.ask(experiment, viewers=10, lift=0.0)
    lifecycle.resume(experiment)
    settings.PRODUCTION = True
    with pytest.raises(StateError, match="this site is in production"):
        trial.ask(experiment, viewers=10, lift=0.0)
    assert not SimulatedTraffic.objects.exists()


@pytest.mark.parametrize(
    ("viewers", "lift", "named"),
    [
        (0, 0.1, {"viewers"}),
        (50_001, 0.1, {"viewers"}),
        (1, -0.1, {"lift"}),
        (0, 2.0, {"viewers", "lift"}),
    ],
)
def test_numbers_that_cannot_be_are_named(
    experiment: Experiment, viewers: int, lift: float, named: set[str]
) -> None:
    with pytest.raises(InvalidValuesError) as caught:
        trial.ask(experiment, viewers=viewers, lift=lift)
    assert set(caught.value.problems) == named


def test_one_group_at_a_time_and_each_is_in_the_audit_log(experiment: Experiment) -> None:
    trial.ask(experiment, viewers=10, lift=0.2)
    with pytest.raises(StateError, match="still being sent viewers"):
        trial.ask(experiment, viewers=10, lift=0.2)
    [entry] = AuditEntry.objects.filter(act="send simulated viewers")
    assert (entry.subject, entry.after) == ("pilot", {"viewers": 10, "lift": 0.2})


def test_arms_lie_evenly_between_the_control_and_the_lift() -> None:
    assert trial.rates(3, 0.4) == pytest.approx((0.053, 0.0636, 0.0742))
    assert trial.rates(2, 0.0) == (0.053, 0.053)
