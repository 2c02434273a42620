"""Experiments are deleted where nobody is shown them, and with all that was decided on them."""

import pytest

from experiments.choice import Choice
from experiments.errors import StateError
from experiments.models import AuditEntry, Experiment, Video
from experiments.serving import lifecycle
from experiments.serving.decision import Shipment, ship, take_back
from experiments.serving.deletion import delete
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_what_is_live_or_shipped_stays_and_the_rest_goes_with_its_rollouts() -> None:
    experiment = make_experiment("spring", videos=2)
    with pytest.raises(StateError, match="spring is running: end it first"):
        delete(experiment)
    lifecycle.pause(experiment)
    with pytest.raises(StateError, match="spring is paused: end it first"):
        delete(experiment)
    lifecycle.end(experiment)
    ship(experiment, Shipment(Choice.ARM, "gevaden"))
    with pytest.raises(StateError, match=r"gevaden is shipped.*Take that back first"):
        delete(experiment)
    take_back(experiment)
    delete(experiment, why="a mistake")
    assert not Experiment.objects.exists()
    assert Video.objects.count() == 2
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.why, entry.before["state"]) == ("delete", "a mistake", "ended")
