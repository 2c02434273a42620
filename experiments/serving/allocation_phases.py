"""Phases: opened with the arms' shares, ended, and read; `lifecycle` says when they may be.

Two phases in a row meet at one moment. Between the end of one and the start of the next the
experiment was paused.
"""

from collections.abc import Mapping
from datetime import datetime

from experiments.errors import ExperimentError
from experiments.events.clock import database_now
from experiments.models import Arm, Cell, Experiment, Phase
from experiments.serving.assignment import GRID, Allocation, Plan, allocate, reallocate
from experiments.surface import Surface
from experiments.unit import Unit


def current(experiment: Experiment) -> Phase:
    """Return the latest phase.

    Raises:
        ExperimentError: for an experiment that has none: it was never started.
    """
    phase = experiment.phases.order_by("-number").first()
    if phase is None:
        raise ExperimentError(f"{experiment.slug} has no phase: it was never started")
    return phase


def start(experiment: Experiment, *, ramp: float = 1.0) -> Phase:
    """Open the first phase with the arms' weights.

    Args:
        experiment: one that starts.
        ramp: share of the units that take part at first.
    """
    weights = dict(experiment.arms.values_list("index", "weight"))
    started_at = experiment.started_at or database_now()
    return _open(experiment, 1, allocate(weights), ramp, started_at)


def change(
    experiment: Experiment,
    *,
    weights: Mapping[int, float] | None = None,
    ramp: float | None = None,
) -> Phase:
    """End the current phase and open the next, moving as few units as possible.

    Args:
        experiment: a running experiment.
        weights: weight of every arm by its index; None leaves the allocation.
        ramp: share of the units that take part; None leaves it.
    """
    last, now = current(experiment), database_now()
    end(experiment, now)
    allocation = allocation_of(last)
    if weights is not None:
        allocation = reallocate(allocation, weights)
    return _open(experiment, last.number + 1, allocation, last.ramp if ramp is None else ramp, now)


def end(experiment: Experiment, now: datetime) -> None:
    """End the open phase, if one is open."""
    experiment.phases.filter(ended_at=None).update(ended_at=now)


def resume(experiment: Experiment) -> Phase:
    """Open the next phase with the last one's allocation and ramp: each unit has its arm again."""
    last = current(experiment)
    return _open(experiment, last.number + 1, allocation_of(last), last.ramp, database_now())


def plan(experiment: Experiment) -> Plan:
    """Return all that decides assignment in the latest phase."""
    return plan_in(current(experiment), experiment)


def plan_in(phase: Phase, experiment: Experiment) -> Plan:
    """Return all that decides assignment in a phase.

    Raises:
        ExperimentError: where the phase's allocation is none.
    """
    return Plan(
        salt=experiment.salt,
        unit=Unit(experiment.unit),
        allocation=allocation_of(phase),
        ramp=phase.ramp,
        holdback=experiment.holdback,
        layer=experiment.layer,
        layer_from=experiment.layer_from,
        layer_to=experiment.layer_to,
    )


def allocation_of(phase: Phase) -> Allocation:
    """Return who owns the grid in a phase.

    Raises:
        ExperimentError: where what is stored does not fill the grid.
    """
    try:
        uppers, arms = zip(*phase.allocation, strict=True)
        fills = uppers[-1] == GRID and list(uppers) == sorted(set(uppers))
    except (TypeError, ValueError):
        fills = False
    if not fills:
        raise ExperimentError(f"its phase {phase.number} divides nothing up: {phase.allocation!r}")
    return Allocation(uppers, arms)


def cells(experiment: Experiment) -> dict[int, int]:
    """Return the latest phase's cells of feeds: primary key by arm index."""
    of_feed = current(experiment).cells.filter(surface=Surface.FEED)
    rows = of_feed.values_list("arm__index", "pk")
    return dict(rows)


def add_cells(arm: Arm) -> None:
    """Give an arm that comes late its cells in the phases so far: its share there was 0."""
    phases = Phase.objects.filter(experiment=arm.experiment)
    Cell.objects.bulk_create(Cell(phase=phase, arm=arm, share=0.0) for phase in phases)


def _open(
    experiment: Experiment, number: int, allocation: Allocation, ramp: float, now: datetime
) -> Phase:
    phase = Phase.objects.create(
        experiment=experiment,
        number=number,
        ramp=ramp,
        allocation=list(zip(allocation.uppers, allocation.arms, strict=True)),
        started_at=now,
    )
    shares = allocation.shares()
    Cell.objects.bulk_create(
        Cell(phase=phase, arm=arm, share=shares.get(arm.index, 0.0))
        for arm in Arm.objects.filter(experiment=experiment)
    )
    return phase
