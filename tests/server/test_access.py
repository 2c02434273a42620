"""Who may read what, and who may try to log in."""

import base64

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from server.access import client_network
from server.roles import Role
from tests.experiments.analysis.report.cast import counted_study
from tests.server.people import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page", ["/dashboards/", "/dashboards/pilot/", "/dashboards/pilot/thumbnails/"]
)
def test_a_closed_site_asks_who_wants_to_know(
    client: Client, settings: Settings, page: str
) -> None:
    counted_study()
    assert client.get(page).status_code == 200
    settings.PUBLIC_REPORTS = False
    answer = client.get(page)
    assert (answer.status_code, answer.headers["Location"]) == (
        302, f"/console/login/?next={page}",
    )  # fmt: skip
    client.force_login(person(Role.VIEWER_OF_REPORTS))
    assert client.get(page).status_code == 200


def test_viewers_need_no_login(client: Client, settings: Settings) -> None:
    counted_study(ended=False)
    settings.PUBLIC_REPORTS = False
    assert client.get("/feed/pilot/").status_code == 200
    assert client.get("/api/feed?viewer=ann").status_code == 200


LOGIN = "/console/login/"


def attempt(password: str, *, user: str = "root", address: str = "192.0.2.7") -> int:
    answer = Client(REMOTE_ADDR=address).post(LOGIN, {"username": user, "password": password})
    return answer.status_code


def test_after_five_wrong_passwords_not_even_the_right_one_helps_from_there() -> None:
    User.objects.create_superuser("root", password="the right one")
    assert [attempt(f"wrong {number}") for number in range(5)] == [200, 200, 200, 200, 429]
    assert attempt("the right one") == 429
    assert attempt("any", user="bea") == 429
    assert attempt("the right one", address="192.0.2.8") == 302  # the staff elsewhere


def test_programs_have_tokens_and_no_passwords(settings: Settings) -> None:
    User.objects.create_superuser("root", password="the right one")
    settings.PUBLIC_REPORTS = False
    word = base64.b64encode(b"root:the right one").decode()
    answer = Client(headers={"authorization": f"Basic {word}"}).get("/api/v1/experiments")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("password", ["admin", "root-root-root", "123456789012", "qwertyuiop12"])
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(username="root-root-root"))


@pytest.mark.parametrize(
    ("production", "forwarded", "network"),
    [
        (True, "198.51.100.9", "198.51.100.9"),
        (True, "10.0.0.1, 198.51.100.9", "198.51.100.9"),  # the first is the client's own word
        (True, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (True, "::ffff:198.51.100.9", "198.51.100.9"),
        (True, "nonsense", "0.0.0.0"),  # noqa: S104  an address, not a place to listen
        (True, "", "192.0.2.7"),
        (False, "198.51.100.9", "192.0.2.7"),
    ],
)
def test_a_client_is_the_network_that_the_proxy_names(
    settings: Settings, production: bool, forwarded: str, network: str
) -> None:
    settings.PRODUCTION = production
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_network(request) == network
