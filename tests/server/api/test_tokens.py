"""Personal tokens: what their scopes open, as their user."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from experiments.access_keys import issue
from experiments.models import AuditEntry
from server.roles import Role
from tests.experiments.world import make_experiment
from tests.server.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_closed_site(settings: Settings) -> None:
    settings.PUBLIC_REPORTS = False
    make_experiment()


def program(*scopes: str, user: User | None = None) -> Client:
    _, text = issue("a program", scopes, user=user)
    return Client(headers={"authorization": f"Bearer {text}"}, enforce_csrf_checks=True)


def pause(client: Client) -> Any:
    return client.post("/api/v1/experiments/pilot/pause", {}, content_type="application/json")


def test_scopes_say_what_a_token_opens(admin_user: User) -> None:
    reader, manager = program("read", user=admin_user), program("manage", user=admin_user)
    embedder = program("embed", user=admin_user)
    assert [each.get("/api/v1/videos").status_code for each in (reader, manager, embedder)] == [
        200, 200, 403,
    ]  # fmt: skip
    assert [pause(each).status_code for each in (reader, embedder, manager)] == [403, 403, 200]
    assert AuditEntry.objects.filter(act="pause").values_list("who", "door").get() == (
        "admin", "api",
    )  # fmt: skip


def test_a_token_may_no_more_than_its_user() -> None:
    bea = person(Role.ANALYST)
    assert program("read", "manage", user=bea).get("/api/v1/videos").status_code == 200
    assert pause(program("manage", user=bea)).status_code == 403
    stranger = User.objects.create_user("cyd")
    assert program("read", user=stranger).get("/api/v1/videos").status_code == 403


@pytest.mark.parametrize("word", ["Bearer", "Bearer nonsense", "bearer \u00e9", "Bearer a b"])
def test_a_token_that_is_none_is_refused(word: str) -> None:
    answer = Client(headers={"authorization": word}).get("/api/v1/videos")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_key_of_a_site_is_no_token() -> None:
    assert program("embed").get("/api/v1/videos").status_code == 401
