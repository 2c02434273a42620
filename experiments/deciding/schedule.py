"""Planned ends: what an experiment is set to do by itself when its planned end has come.

Set to a notice, which is the default, it runs on and waits for a person. Set to ship, it is ended
and what the verdict recommends is shipped; where the verdict is not sure, it waits all the same.
"""

import logging

from django.db import transaction

from experiments.analysis.report.cache import current
from experiments.audit import Actor, acting
from experiments.deciding import expected_lift
from experiments.deciding.recommendation import recommend
from experiments.door import Door
from experiments.errors import StateError
from experiments.models import Experiment
from experiments.serving import lifecycle
from experiments.serving.decision import Shipment, ship
from experiments.serving.planned_ends import to_ship

logger = logging.getLogger(__name__)


def ship_due() -> None:
    """End and ship every experiment that is due and set to do so; one that fails stops no other."""
    for experiment in to_ship():
        with acting(lambda: Actor("planned end", Door.SCHEDULE)):
            try:
                _ship(experiment)
            except Exception:
                logger.exception("%s could not be shipped at its planned end", experiment.slug)


def _ship(experiment: Experiment) -> None:
    report = current(experiment)
    found = recommend(report)
    if not found.sure:
        return
    lift = expected_lift.of_report(report, found.choice, found.arm, found.against)
    shipment = Shipment(found.choice, found.arm, against=found.against, expected_lift=lift)
    why = f"Planned end. {found.sentence}"
    with transaction.atomic():
        try:
            lifecycle.end(experiment, why=why)
        except StateError:  # ended meanwhile, by a person: what to ship is theirs to say
            return
        ship(experiment, shipment, why=why)
