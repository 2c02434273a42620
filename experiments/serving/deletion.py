"""Deletes experiments that are not live, with all that was found by them."""

from django.db import transaction

from experiments.audit import record_act
from experiments.errors import StateError
from experiments.models import Experiment
from experiments.serving.decision import said, standing
from experiments.serving.preconditions import lock


def problem(experiment: Experiment) -> str:
    """Return why an experiment cannot be deleted now; "" where it can."""
    if experiment.state in Experiment.LIVE_STATES:
        return f"{experiment.slug} is {experiment.state}: end it first"
    if stands := standing(experiment):
        return f"{experiment.slug} is decided: {said(stands)} Take that back first"
    return ""


@transaction.atomic
def delete(experiment: Experiment, *, why: str = "") -> None:
    """Delete an experiment, its report and the rollouts of what it decided; videos stay.

    Raises:
        StateError: where it is live, or a decision of it stands.
    """
    lock(experiment)
    if reason := problem(experiment):
        raise StateError(reason)
    before = {"name": experiment.name, "state": experiment.state}
    record_act("experiment", experiment.slug, "delete", before=before, why=why)
    Experiment.objects.filter(decision__experiment=experiment).delete()
    experiment.delete()
