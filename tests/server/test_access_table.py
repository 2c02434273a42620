"""Every address has a row, and lets in exactly those whom the row names."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from server.access_table import ADMIN, ADMINISTRATION, rule_of
from server.roles import Role
from tests.addresses import routes
from tests.experiments.world import make_experiment
from tests.server.people import logged_in

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
OTHER_METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
WITH_EVERY_METHOD = {"", "dashboards/", "console/", "api/v1/experiments", "console/admin/"}
BY_A_LINK = {"console/first/"}  # whose secret is asked for, not a role
# Django's admin is one room with one door: these stand for its hundred addresses.
OF_ADMIN = {
    "console/admin/",
    "console/admin/auth/user/",
}
VALUES = {
    "uuid": "5" * 8 + "-5555" * 3 + "-" + "5" * 12,
    "slug": "pilot",
    "int": "1",
    "str": "pilot",
    "path": "nothing",
}


def tried() -> Iterator[tuple[str, str]]:
    """Yield each method and address that is tried for each role."""
    for route in sorted(routes() - BY_A_LINK):
        if rule_of(route) is ADMINISTRATION and route.startswith(ADMIN) and route not in OF_ADMIN:
            continue
        more = OTHER_METHODS if route in WITH_EVERY_METHOD else ()
        yield from ((method, route) for method in (*METHODS, *more))


def address(route: str) -> str:
    """Return an address of the route, about the experiment "pilot"."""
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda part: VALUES[part[1] or "str"], route)
    return "/" + re.sub(r"\^\(\?P<app_label>(\w+).*", r"\1/", filled)


def is_let_in(client: Client, method: str, route: str) -> bool:
    """Tell whether the client gets past the guard: what then comes may be any answer but a 500."""
    answer = client.generic(method, address(route))
    assert answer.status_code < 500, f"{method} {route}: {answer.status_code}"
    asked_to_log_in = answer.headers.get("Location", "").startswith("/console/login/")
    if route.startswith("console/admin/log"):  # which lead to the login and out by themselves
        return True
    if route == "console/logout/" and asked_to_log_in:
        return True
    return answer.status_code not in {401, 403} and not asked_to_log_in


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
def test_each_role_gets_where_the_table_lets_it(role: Role, settings: Settings) -> None:
    settings.PUBLIC_REPORTS = False
    make_experiment(videos=1)
    client = logged_in(role)
    user = User.objects.get()
    for method, route in tried():
        rule = rule_of(route)
        assert rule is not None
        allowed = role >= rule.least(method)
        assert is_let_in(client, method, route) == allowed, f"{role.name}: {method} {route}"
        if route.endswith("logout/"):
            client.force_login(user)


def test_who_is_not_logged_in_gets_no_further_than_anyone(settings: Settings) -> None:
    settings.PUBLIC_REPORTS = False
    make_experiment(videos=1)
    for method, route in tried():
        rule = rule_of(route)
        assert rule is not None
        allowed = rule.least(method) == Role.ANYONE
        assert is_let_in(Client(), method, route) == allowed, f"{method} {route}"


def test_public_reports_are_for_all_and_acts_are_not(settings: Settings) -> None:
    make_experiment(videos=1)
    settings.PUBLIC_REPORTS = True
    assert is_let_in(Client(), "GET", "dashboards/<slug:slug>/")
    assert is_let_in(Client(), "GET", "api/v1/experiments")
    for method, route in (
        ("POST", "api/v1/experiments"),
        ("GET", "annotate/"),
        ("GET", "console/"),
    ):
        assert not is_let_in(Client(), method, route)
