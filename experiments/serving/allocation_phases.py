"""Phases: which shares the arms of an experiment have now, and how they change."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from experiments.errors import ExperimentError
from experiments.models import Arm, Cell, Experiment, Phase
from experiments.serving.assignment import Allocation, Plan, allocate, reallocate
from experiments.unit import Unit


def current(experiment: Experiment) -> Phase:
    """Return the latest phase; the first is opened with the arms' weights when first asked for.

    Raises:
        ExperimentError: for a draft, or where no arm has any weight.
    """
    phase = experiment.phases.order_by("-number").first()
    return phase or start(experiment)


def start(experiment: Experiment, *, ramp: float = 1.0) -> Phase:
    """Open the first phase with the arms' weights, or return the latest where there is one.

    Args:
        experiment: one that was started.
        ramp: share of the units that take part at first.

    Raises:
        ExperimentError: for a draft, or where no arm has any weight.
    """
    if experiment.state == Experiment.State.DRAFT:
        raise ExperimentError(f"{experiment.slug} is a draft, must be started to assign arms")
    with transaction.atomic():
        _lock(experiment)
        phase = experiment.phases.order_by("-number").first()
        if phase is not None:
            return phase
        weights = dict(experiment.arms.values_list("index", "weight"))
        return _open(experiment, 1, allocate(weights), ramp)


def change(
    experiment: Experiment,
    *,
    weights: Mapping[int, float] | None = None,
    ramp: float | None = None,
) -> Phase:
    """Close the current phase and open the next, moving as few units as possible.

    Args:
        experiment: a running experiment.
        weights: weight by arm index, every arm named (0 drops one); None leaves them.
        ramp: share of the units that take part; None leaves it.

    Raises:
        ExperimentError: where it is not running, or the weights do not name its arms.
    """
    if experiment.state != Experiment.State.RUNNING:
        raise ExperimentError(f"{experiment.slug} is {experiment.state}, must be running to change")
    if ramp is not None and not 0 <= ramp <= 1:
        raise ExperimentError(f"ramp == {ramp}, must be from 0 to 1")
    with transaction.atomic():
        _lock(experiment)
        last = current(experiment)
        allocation = _allocation(last)
        if weights is not None:
            _check_names(experiment, weights)
            allocation = reallocate(allocation, weights)
        last.ended_at = timezone.now()
        last.save(update_fields=["ended_at"])
        return _open(experiment, last.number + 1, allocation, last.ramp if ramp is None else ramp)


def plan(experiment: Experiment) -> Plan:
    """Return all that decides assignment now."""
    return plan_in(current(experiment), experiment)


def plan_in(phase: Phase, experiment: Experiment) -> Plan:
    """Return all that decides assignment in a phase."""
    return Plan(
        salt=experiment.salt,
        unit=Unit(experiment.unit),
        allocation=_allocation(phase),
        ramp=phase.ramp,
        holdback=experiment.holdback,
        layer=experiment.layer,
        layer_from=experiment.layer_from,
        layer_to=experiment.layer_to,
    )


def cells(experiment: Experiment) -> dict[int, int]:
    """Return the current phase's cells: primary key by arm index."""
    rows = current(experiment).cells.values_list("arm__index", "pk")
    return dict(rows)


def _open(experiment: Experiment, number: int, allocation: Allocation, ramp: float) -> Phase:
    phase = Phase.objects.create(
        experiment=experiment,
        number=number,
        ramp=ramp,
        allocation=list(zip(allocation.uppers, allocation.arms, strict=True)),
        started_at=(number == 1 and experiment.started_at) or timezone.now(),
    )
    shares = allocation.shares()
    Cell.objects.bulk_create(
        Cell(phase=phase, arm=arm, share=shares.get(arm.index, 0.0))
        for arm in Arm.objects.filter(experiment=experiment)
    )
    return phase


def _allocation(phase: Phase) -> Allocation:
    uppers, arms = zip(*phase.allocation, strict=True)
    return Allocation(tuple(uppers), tuple(arms))


def _lock(experiment: Experiment) -> None:
    """Make other changes of this experiment's phases wait."""
    Experiment.objects.select_for_update().get(pk=experiment.pk)


def _check_names(experiment: Experiment, weights: Mapping[int, float]) -> None:
    arms = set(experiment.arms.values_list("index", flat=True))
    if set(weights) != arms:
        raise ExperimentError(f"weights name arms {sorted(weights)}, must name {sorted(arms)}")
