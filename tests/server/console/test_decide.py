"""The page of a decision."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.audit import record_act
from experiments.models import AuditEntry
from experiments.serving.decision import said, standing
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
ADDRESS = "/console/experiments/pilot/decide/"


def choose(client: Client, choice: str, **other: object) -> str:
    seen = client.get(ADDRESS).context["seen"]
    given = {"choice": choice, "holdback": "0.1", "why": "it won", "seen": seen, **other}
    return client.post(ADDRESS, given, follow=True).content.decode()


def test_the_recommendation_is_marked_and_the_map_is_told(console: Client) -> None:
    counted_study()
    answer = console.get(ADDRESS)
    page = answer.content.decode()
    assert "Ship gevaden: +" in page
    assert 'hx-get="/console/experiments/pilot/decide/map/"' in page
    assert answer.context["form"]["choice"].value() == "arm:gevaden"


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("arm:gevaden", "gevaden is shipped; 10 % are held back and see raw."),
        ("map", "The arm that is best for each video is shipped; 10 % are held back and see raw."),
        ("control", "raw, the control, is kept; 10 % are held back and see gevaden."),
    ],
)
def test_each_choice_is_shipped(console: Client, choice: str, told: str) -> None:
    experiment = counted_study()
    page = choose(console, choice)
    made = standing(experiment)
    assert made is not None
    assert said(made) == told
    assert told in page
    assert AuditEntry.objects.latest("pk").why == "it won"
    again = console.get(ADDRESS, follow=True).content.decode()
    assert "take that back to decide anew" in again


def test_what_still_runs_is_ended_by_the_same_act(console: Client) -> None:
    experiment = counted_study(ended=False)
    assert "It still runs" in console.get(ADDRESS).content.decode()
    choose(console, "end")
    experiment.refresh_from_db()
    assert (experiment.state, standing(experiment)) == ("ended", None)
    choose(console, "arm:re_seq2seq")
    assert standing(experiment) is not None


def test_what_is_refused_leaves_all_as_it_was(console: Client) -> None:
    experiment = counted_study(ended=False)
    assert "This field is required." in choose(console, "control", why="")
    assert "Select a valid choice" in choose(console, "arm:nobody")
    record_act("experiment", "pilot", "look")
    late = choose(console, "control", seen="0")
    experiment.refresh_from_db()
    assert experiment.state == "running"
    assert "It still runs" in late


def test_without_views_there_is_no_map(console: Client) -> None:
    make_experiment()
    assert "but not sure" in console.get(ADDRESS).content.decode()
    assert "pilot has no map: no video has been seen yet" in choose(console, "map")


def test_what_the_map_is_worth_is_told_aside(console: Client) -> None:
    counted_study()
    alone = console.get(f"{ADDRESS}map/").content.decode()
    assert "Videos by arm: raw on " in alone
    assert "<html" in alone
    part = console.get(f"{ADDRESS}map/", headers={"HX-Request": "true"}).content.decode()
    assert "Videos by arm: raw on " in part
    assert "<html" not in part


def test_few_queries(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counted_study()
    console.get("/console/audit/")  # the session is noted as seen; no report is kept
    with django_assert_max_num_queries(15):
        console.get(ADDRESS)
