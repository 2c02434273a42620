"""Planned ends: what an experiment is set to do by itself when its planned end has come.

Set to a notice, which is the default, it runs on and waits for a person. Set to ship, it is ended
and what the verdict recommends is shipped; where the verdict is not sure, it waits all the same.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from experiments.analysis.report.build import build
from experiments.at_end import AtEnd
from experiments.audit import Actor, acting
from experiments.deciding.recommendation import recommend
from experiments.door import Door
from experiments.errors import StateError
from experiments.events.clock import database_now
from experiments.models import Experiment
from experiments.serving import lifecycle
from experiments.serving.decision import Shipment, ship

logger = logging.getLogger(__name__)
GRACE = timedelta(minutes=10)  # events of the last day still come, and are counted


def due() -> QuerySet[Experiment]:
    """Return the live experiments whose planned end has come, the longest due first."""
    live = Experiment.objects.filter(state__in=Experiment.LIVE_STATES)
    return live.filter(planned_end__lte=database_now()).order_by("planned_end", "pk")


def ship_due() -> None:
    """End and ship every experiment that is due and set to do so; one that fails stops no other."""
    grown_up = due().filter(at_end=AtEnd.SHIP, planned_end__lte=database_now() - GRACE)
    for experiment in grown_up:
        with acting(lambda: Actor("planned end", Door.SCHEDULE)):
            try:
                _ship(experiment)
            except Exception:
                logger.exception("%s could not be shipped at its planned end", experiment.slug)


def _ship(experiment: Experiment) -> None:
    found = recommend(build(experiment))
    if not found.sure:
        return
    why = f"Planned end. {found.sentence}"
    with transaction.atomic():
        try:
            lifecycle.end(experiment, why=why)
        except StateError:  # ended meanwhile, by a person: what to ship is theirs to say
            return
        ship(experiment, Shipment(found.choice, found.arm, against=found.against), why=why)
