"""Sessions end: a time after the login, and sooner where nothing is asked for."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from server.roles import Role
from server.sessions import BEGAN, SEEN
from tests.server.people import logged_in

pytestmark = pytest.mark.django_db
PAGE = "/console/"


@pytest.fixture
def operator() -> Client:
    client = logged_in(Role.OPERATOR)
    assert client.get(PAGE).status_code == 200
    return client


def move_back(client: Client, name: str, by_s: float) -> None:
    session = client.session
    session[name] -= by_s
    session.save()


def test_one_that_is_not_used_ends(operator: Client, settings: Settings) -> None:
    move_back(operator, SEEN, settings.SESSION_IDLE_S - 30)
    assert operator.get(PAGE).status_code == 200
    move_back(operator, SEEN, settings.SESSION_IDLE_S - 30)  # it was noted that it is used
    assert operator.get(PAGE).status_code == 200
    move_back(operator, SEEN, settings.SESSION_IDLE_S + 1)
    assert operator.get(PAGE).status_code == 302


def test_one_that_is_used_ends_with_the_day(operator: Client, settings: Settings) -> None:
    move_back(operator, BEGAN, settings.SESSION_COOKIE_AGE + 1)
    assert operator.get(PAGE).status_code == 302
    assert operator.get(PAGE).status_code == 302


def test_an_api_answers_no_ended_session_either(operator: Client, settings: Settings) -> None:
    settings.PUBLIC_REPORTS = False
    assert operator.get("/api/v1/videos").status_code == 200
    move_back(operator, SEEN, settings.SESSION_IDLE_S + 1)
    assert operator.get("/api/v1/videos").status_code == 401
