"""Phases: opened with the arms' shares, changed with few moves, and what assignment reads."""

import pytest

from experiments.errors import ExperimentError
from experiments.events.clock import database_now
from experiments.models import Arm, Cell, Experiment, Phase
from experiments.serving import allocation_phases
from experiments.serving.assignment import assign
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_the_first_phase_has_the_arms_weights() -> None:
    experiment = make_experiment(weights=(1, 1, 2))
    phase = allocation_phases.current(experiment)
    assert (phase.number, phase.ramp, phase.started_at) == (1, 1.0, experiment.started_at)
    assert list(phase.cells.values_list("arm__index", "share")) == [(0, 0.25), (1, 0.25), (2, 0.5)]
    assert set(allocation_phases.cells(experiment)) == {0, 1, 2}


def test_a_change_opens_the_next_phase_at_the_moment_that_the_last_ends() -> None:
    experiment = make_experiment()
    before = allocation_phases.plan(experiment)
    allocation_phases.change(experiment, weights={0: 1, 1: 0, 2: 1}, ramp=0.5)
    after = allocation_phases.plan(experiment)
    assert after.ramp == 0.5
    for unit in range(300):
        old, new = assign(before, unit, 1).arm, assign(after, unit, 1).arm
        assert new in {None, old} or (old == 1 and new in {0, 2})
    first, second = Phase.objects.all()
    assert first.ended_at == second.started_at
    assert second.ended_at is None
    assert list(second.cells.values_list("share", flat=True)) == [0.5, 0.0, 0.5]
    assert allocation_phases.change(experiment, ramp=1.0).number == 3
    assert allocation_phases.plan(experiment).allocation == after.allocation


def test_a_phase_that_is_resumed_is_the_last_one_again() -> None:
    experiment = make_experiment(weights=(1, 2, 3))
    allocation_phases.change(experiment, ramp=0.25)
    before = allocation_phases.plan(experiment)
    allocation_phases.end(experiment, database_now())
    assert not Phase.objects.filter(ended_at=None).exists()
    assert allocation_phases.resume(experiment).number == 3
    assert allocation_phases.plan(experiment) == before
    _, second, third = Phase.objects.all()
    assert second.ended_at is not None
    assert second.ended_at < third.started_at


def test_a_late_arm_had_no_share_before() -> None:
    experiment = make_experiment()
    allocation_phases.change(experiment, ramp=0.5)
    late = Arm.objects.create(experiment=experiment, index=3, name="late", selector="raw")
    allocation_phases.add_cells(late)
    assert list(Cell.objects.filter(arm=late).values_list("phase__number", "share")) == [
        (1, 0.0),
        (2, 0.0),
    ]


def test_an_experiment_that_was_never_started_has_no_phase() -> None:
    draft = Experiment.objects.create(slug="draft", name="draft")
    with pytest.raises(ExperimentError, match="draft has no phase"):
        allocation_phases.current(draft)


@pytest.mark.parametrize(
    "stored", [[], None, 7, [[1, 2, 3]], [["x", 0]], [[2**31, 0]], [[2**32, 0], [2**32, 1]]]
)
def test_an_allocation_that_fills_nothing_is_refused(stored: object) -> None:
    experiment = make_experiment()
    phase = allocation_phases.current(experiment)
    phase.allocation = stored
    with pytest.raises(ExperimentError, match="its phase 1 divides nothing up"):
        allocation_phases.plan_in(phase, experiment)
