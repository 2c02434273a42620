"""Phases: opened once, changed with few moves, and what assignment reads from them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment, Phase
from experiments.serving import allocation_phases
from experiments.serving.assignment import assign
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_the_first_phase_has_the_arms_weights() -> None:
    experiment = make_experiment(weights=(1, 1, 2))
    phase = allocation_phases.current(experiment)
    assert (phase.number, phase.ramp, phase.started_at) == (1, 1.0, experiment.started_at)
    assert list(phase.cells.values_list("arm__index", "share")) == [(0, 0.25), (1, 0.25), (2, 0.5)]
    assert allocation_phases.current(experiment) == phase
    assert set(allocation_phases.cells(experiment)) == {0, 1, 2}


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_open_one_phase() -> None:
    experiment = Experiment.objects.create(slug="a", name="a", state="running",
                                           started_at="2026-01-01T00:00Z")  # fmt: skip
    Arm.objects.create(experiment=experiment, index=0, name="only", selector="raw")

    def ask(_: int) -> int:
        try:
            return allocation_phases.current(experiment).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_a_change_opens_the_next_phase_and_keeps_the_rest() -> None:
    experiment = make_experiment()
    before = allocation_phases.plan(experiment)
    allocation_phases.change(experiment, weights={0: 1, 1: 0, 2: 1}, ramp=0.5)
    after = allocation_phases.plan(experiment)
    assert after.ramp == 0.5
    for unit in range(300):
        old, new = assign(before, unit, 1).arm, assign(after, unit, 1).arm
        assert new in {None, old} or (old == 1 and new in {0, 2})
    first, second = Phase.objects.all()
    assert first.ended_at is not None
    assert first.ended_at <= second.started_at
    assert list(second.cells.values_list("share", flat=True)) == [0.5, 0.0, 0.5]
    assert allocation_phases.change(experiment, ramp=1.0).number == 3
    assert allocation_phases.plan(experiment).allocation == after.allocation


def test_refuses_changes_that_cannot_be_meant() -> None:
    experiment = make_experiment()
    with pytest.raises(ExperimentError, match="must name"):
        allocation_phases.change(experiment, weights={0: 1, 1: 1})
    with pytest.raises(ExperimentError, match=r"ramp == 1\.5"):
        allocation_phases.change(experiment, ramp=1.5)
    draft = Experiment.objects.create(slug="draft", name="draft")
    with pytest.raises(ExperimentError, match="must be started"):
        allocation_phases.current(draft)
    with pytest.raises(ExperimentError, match="must be running"):
        allocation_phases.change(draft, ramp=0.5)
