"""Acts on an experiment: one at a time, each with its entry in the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from experiments.audit import record_act
from experiments.models import Experiment
from experiments.serving.preconditions import lock


@contextmanager
def recorded(experiment: Experiment, name: str, why: str) -> Iterator[None]:
    """Keep other acts on the experiment waiting, and leave in the audit log what changed."""
    with transaction.atomic():
        lock(experiment)
        before = standing(experiment)
        yield
        after = standing(experiment)
        record_act("experiment", experiment.slug, name, before=before, after=after, why=why)


def standing(experiment: Experiment) -> dict[str, Any]:
    """Return what acts change."""
    ramp = experiment.phases.order_by("-number").values_list("ramp", flat=True).first()
    return {
        "state": experiment.state,
        "simulated": bool(experiment.simulated),
        "videos": experiment.videos.count(),
        "ramp": ramp,
        "weights": weights_of(experiment),
        "planned_days": experiment.planned_days,
    }


def weights_of(experiment: Experiment) -> dict[str, float]:
    """Return the arms' weights as of now, by name, the control first."""
    return dict(experiment.arms.order_by("index").values_list("name", "weight"))
