"""The list of experiments."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.choice import Choice
from experiments.models import Experiment
from experiments.serving import lifecycle
from experiments.serving.decision import Shipment, ship
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def listed(client: Client, **given: str) -> str:
    return client.get("/console/experiments/", given).content.decode()


def test_an_empty_list_offers_the_first(console: Client) -> None:
    assert "There is no experiment yet." in listed(console)


def test_words_and_states_narrow_it(console: Client) -> None:
    make_experiment("spring", videos=1)
    Experiment.objects.create(slug="autumn", name="Autumn", question="Do GIFs help?")
    assert "2 experiments" in listed(console)
    for given in ({"q": "gifs autumn"}, {"state": "draft"}):
        page = listed(console, **given)
        assert ("Autumn" in page, ">spring</a>" in page) == (True, False)
    assert "No experiment is like that." in listed(console, q="winter")


def test_what_is_shipped_stands_with_the_test_that_it_came_of(console: Client) -> None:
    experiment = make_experiment("spring", videos=1)
    lifecycle.end(experiment)
    assert "/console/experiments/spring/decide/" in listed(console)
    ship(experiment, Shipment(Choice.ARM, "gevaden"))
    page = listed(console)
    assert "gevaden is shipped; 5 % are held back and see raw." in page
    assert "spring-shipped" not in page


def test_few_queries_however_much_there_is(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Experiment.objects.bulk_create(
        Experiment(slug=f"e{number}", name=f"E {number}") for number in range(100)
    )
    with django_assert_max_num_queries(15):
        page = listed(console, q="E")
    assert "Page 1 of 4" in page
    assert 'href="?q=E&amp;page=2"' in page
