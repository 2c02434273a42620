"""Logging in and out, and what was typed when a session ended."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from server.roles import Role
from tests.server.people import person

pytestmark = pytest.mark.django_db
LOGIN = "/console/login/"
RIGHT = {"username": "root", "password": "the right one"}


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password="the right one")


def test_the_login_leads_back_to_where_one_was(client: Client, root: User) -> None:
    asked = client.get("/console/making/?q=bikes")
    assert asked["Location"] == "/console/login/?next=/console/making/%3Fq%3Dbikes"
    page = client.get(asked["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/console/making/?q=bikes">' in page
    answer = client.post(LOGIN, {**RIGHT, "next": "/console/making/?q=bikes"})
    assert answer["Location"] == "/console/making/?q=bikes"


def test_without_an_address_it_leads_to_the_console(client: Client, root: User) -> None:
    assert client.post(LOGIN, RIGHT)["Location"] == "/console/"
    assert client.post(LOGIN, {**RIGHT, "next": "https://evil.example/"})["Location"] == "/console/"


def test_the_admin_has_no_login_of_its_own(client: Client, root: User) -> None:
    answer = client.get("/console/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/console/login/?next=/console/admin/"


def test_logging_out_ends_the_session(client: Client, root: User) -> None:
    client.force_login(root)
    assert client.get("/console/").status_code == 200
    for address in ("/console/logout/", "/console/admin/logout/"):
        assert client.post(address)["Location"] == LOGIN
    assert client.get("/console/").status_code == 302


def test_what_was_typed_is_kept_through_the_login_and_sent_then(client: Client, root: User) -> None:
    typed = {"act": ["stop", "<b>now</b>"], "csrfmiddlewaretoken": "x", "new_password": "secret"}
    asked = client.post("/console/making/act/", typed)
    assert asked.status_code == 403
    carried = {
        "typed_address": "/console/making/act/",
        "typed-act": ["stop", "<b>now</b>"],
    }
    page = asked.content.decode()
    assert 'name="typed_address" value="/console/making/act/"' in page
    assert 'name="typed-act" value="&lt;b&gt;now&lt;/b&gt;"' in page
    assert "secret" not in page
    wrong = client.post(LOGIN, {**RIGHT, "password": "wrong", **carried}).content.decode()
    assert 'name="typed-act" value="stop"' in wrong
    again = client.post(LOGIN, {**RIGHT, **carried}).content.decode()
    assert '<form method="post" action="/console/making/act/"' in again
    assert 'name="act" value="&lt;b&gt;now&lt;/b&gt;"' in again


def test_a_page_that_is_older_than_the_login_may_be_sent_once_more(root: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(root)
    typed = {"act": "pause", "csrfmiddlewaretoken": "a" * 64}
    own = {"origin": "http://testserver"}
    old = strict.post("/console/making/act/", typed, headers=own)
    page = old.content.decode()
    assert old.status_code == 403
    assert "You logged in anew since that page was opened" in page
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
    assert 'name="act" value="pause"' in page
    again = {"act": "pause", "csrfmiddlewaretoken": token}
    assert strict.post("/console/making/act/", again, headers=own).status_code == 302
    # htmx says it on the page itself, and another site is offered nothing.
    part = strict.post("/console/making/act/", typed, headers={**own, "HX-Request": "true"})
    assert (part.status_code, part["HX-Retarget"]) == (286, "#notice")
    foreign = strict.post("/console/making/act/", typed, headers={"origin": "https://evil.example"})
    assert (foreign.status_code, b"pause" in foreign.content) == (403, False)
    # A second login page of somebody who is in leads on.
    assert strict.post(LOGIN, {**RIGHT, **typed}, headers=own)["Location"] == "/console/"
    strict.logout()
    asked = strict.post("/console/making/act/", typed, headers=own).content.decode()
    assert 'name="typed-act" value="pause"' in asked


def test_nothing_is_sent_to_another_site(client: Client, root: User) -> None:
    carried = {"typed_address": "https://evil.example/", "typed-act": "stop"}
    assert client.post(LOGIN, {**RIGHT, **carried})["Location"] == "/console/"


def test_a_page_that_asks_by_itself_is_told_to_stop_and_keeps_what_is_on_it(client: Client) -> None:
    answer = client.get("/console/making/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (286, "#notice")
    assert "Your session has ended" in answer.content.decode()


def test_who_is_no_operator_is_told_so(client: Client) -> None:
    client.force_login(User.objects.create_user("viewer"))
    page = client.get("/console/", follow=True).content.decode()
    assert "You are logged in as viewer, who may not see that page." in page


def test_an_act_without_the_right_is_refused_in_the_sites_words(client: Client) -> None:
    client.force_login(person(Role.ANALYST))
    answer = client.post("/console/making/act/", {"act": "stop"})
    assert answer.status_code == 403
    assert "Your account may not do that" in answer.content.decode()


def test_a_login_that_must_wait_says_for_how_long(client: Client, root: User) -> None:
    for _ in range(5):
        answer = client.post(LOGIN, {**RIGHT, "password": "wrong"})
    assert answer.status_code == 429
    assert "Wait a quarter of an hour" in answer.content.decode()
