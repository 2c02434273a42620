"""The table of experiments: to be looked at, and nothing passes the life cycle by."""

import re

import pytest
from django.test import Client

from experiments.models import AuditEntry, Experiment
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
LIST = "/console/admin/experiments/experiment/"


@pytest.fixture
def console(admin_client: Client) -> Client:
    return admin_client


def test_the_list_shows_arms_and_which_are_simulated(console: Client) -> None:
    make_experiment("spring", simulated="drawn by a model")
    page = console.get(LIST).content.decode()
    assert "raw, re_seq2seq, gevaden" in page
    assert re.search(r'field-made_traffic"><img src="[^"]*icon-yes.svg[^"]*" alt="True"', page)


def test_nothing_is_made_or_changed_here(console: Client) -> None:
    experiment = make_experiment("spring")
    page = f"{LIST}{experiment.pk}/change/"
    assert console.get(f"{LIST}add/").status_code == 403
    shown = console.get(page).content.decode()
    assert "salt of spring" in shown
    assert '<input type="text"' not in shown
    assert console.post(page, {"name": "Autumn"}).status_code == 403
    for action in ("end", "delete_selected"):
        console.post(LIST, {"action": action, "_selected_action": [str(experiment.pk)]})
    experiment.refresh_from_db()
    assert (experiment.name, experiment.state) == ("spring", "running")


def test_a_live_experiment_cannot_be_deleted_and_a_draft_can_which_is_noted(
    console: Client,
) -> None:
    live = make_experiment("spring")
    draft = Experiment.objects.create(slug="autumn", name="Autumn")
    for experiment, status in ((live, 403), (draft, 302)):
        answer = console.post(f"{LIST}{experiment.pk}/delete/", {"post": "yes"})
        assert answer.status_code == status
    assert list(Experiment.objects.all()) == [live]
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.subject, entry.act) == ("admin", "autumn", "delete")
