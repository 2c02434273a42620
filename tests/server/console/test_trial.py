"""Simulated viewers are sent from the console, to trials alone."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from experiments.design import ArmDesign, Design
from experiments.models import AuditEntry, Experiment, SimulatedTraffic
from experiments.serving import lifecycle
from experiments.studies import trial
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
PAGE = "/console/experiments/pilot/trial/"


@pytest.fixture(autouse=True)
def quiet_broker(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "memory://"


def shown(console: Client, address: str = PAGE) -> str:
    return console.get(address).content.decode()


def test_viewers_are_asked_for_and_their_way_is_shown(console: Client) -> None:
    make_experiment(videos=2, simulated="by a test")
    assert "Nobody yet." in shown(console)
    answer = console.post(PAGE, {"viewers": "30", "lift": "0.2"})
    assert answer["Location"] == PAGE
    asked = SimulatedTraffic.objects.get()
    assert (asked.viewers, asked.lift, asked.state) == (30, 0.2, "waiting")
    entry = AuditEntry.objects.get(act="send simulated viewers")
    assert (entry.who, entry.door) == ("admin", "console")
    page = shown(console)
    assert "waiting for a worker" in page
    assert f'hx-get="{PAGE}groups/"' in page
    trial.send(asked)
    part = shown(console, f"{PAGE}groups/")
    assert "30 of 30 viewers" in part
    assert "hx-get" not in part
    assert "by a test" in shown(console)  # the banner of what is simulated


def test_what_cannot_be_stands_beside_its_field(console: Client) -> None:
    make_experiment(videos=1, simulated="by a test")
    page = console.post(PAGE, {"viewers": "50001", "lift": "0.7"}).content.decode()
    assert "less than or equal to 50000" in page
    assert "0.7 is not one of the available choices" in page
    console.post(PAGE, {"viewers": "30", "lift": "0.2"})
    again = console.post(PAGE, {"viewers": "30", "lift": "0.2"}).content.decode()
    assert "pilot is still being sent viewers: wait for them" in again
    assert SimulatedTraffic.objects.count() == 1


def test_real_viewers_are_left_among_themselves(console: Client) -> None:
    make_experiment(videos=1)
    page = shown(console)
    assert "Not now: pilot has real viewers" in page
    assert "Send them" not in page
    refused = console.post(PAGE, {"viewers": "30", "lift": "0.2"}).content.decode()
    assert "pilot has real viewers" in refused
    assert not SimulatedTraffic.objects.exists()
    console.post(f"{PAGE}mark/")
    assert Experiment.objects.get().simulated == ""


def test_a_draft_is_made_a_trial(console: Client) -> None:
    make_video("bikes")
    arms = (ArmDesign("Control", "raw"), ArmDesign("GIF", "gevaden"))
    experiment = lifecycle.draft(Design(slug="pilot", name="Pilot", arms=arms))
    assert "Make this draft a trial" in shown(console)
    assert console.post(f"{PAGE}mark/")["Location"] == PAGE
    experiment.refresh_from_db()
    assert experiment.simulated == lifecycle.TRIAL
    page = shown(console)
    assert "pilot is draft, must be running" in page
    assert lifecycle.TRIAL in page


def test_few_queries(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = make_experiment(videos=20, simulated="by a test")
    SimulatedTraffic.objects.bulk_create(
        SimulatedTraffic(experiment=experiment, viewers=1, lift=0, state="done") for _ in range(300)
    )
    with django_assert_max_num_queries(8):
        shown(console)
