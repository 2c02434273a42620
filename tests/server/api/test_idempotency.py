"""A write that is sent again with its key is done once."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experiments.access_keys import issue
from experiments.models import AuditEntry, Experiment, KeptAnswer
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
DRAFT = {
    "slug": "spring",
    "name": "Spring",
    "arms": [{"name": name, "selector": name} for name in ("raw", "gevaden")],
}


def post(client: Client, address: str, body: object, key: str) -> Any:
    return client.post(
        f"/api/v1/experiments{address}", body, content_type="application/json",
        headers={"idempotency-key": key},
    )  # fmt: skip


def test_the_same_again_is_answered_the_same_and_done_once(admin_client: Client) -> None:
    make_video("v")
    first = post(admin_client, "", DRAFT, "k1")
    again = post(admin_client, "", DRAFT, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Experiment.objects.count() == 1
    assert post(admin_client, "", DRAFT, "k2").status_code == 400  # the slug is taken


def test_an_act_is_done_once(admin_client: Client) -> None:
    experiment = make_experiment()
    for _ in range(3):
        assert post(admin_client, "/pilot/change", {"ramp": 0.5}, "k").status_code == 200
    assert experiment.phases.count() == 2


def test_every_kind_of_write_is_done_once(admin_client: Client) -> None:
    """Also one that deletes: the second time there is nothing to delete any more."""
    make_video("v")
    key = {"idempotency-key": "k"}
    for _ in range(2):
        answer = admin_client.delete(
            "/api/v1/videos/v", {"why": "asked for"}, "application/json", headers=key
        )
        assert (answer.status_code, answer.content) == (204, b"")
    assert admin_client.delete("/api/v1/videos/v").status_code == 404
    make_video("w")
    for _ in range(2):
        said = {"channel": "Parks"}
        key = {"idempotency-key": "other"}
        answer = admin_client.patch("/api/v1/videos/w", said, "application/json", headers=key)
        assert answer.json()["channel"] == "Parks"
    assert AuditEntry.objects.filter(act="describe").count() == 1


def test_a_key_for_something_else_is_refused(admin_client: Client) -> None:
    make_experiment()
    post(admin_client, "/pilot/change", {"ramp": 0.5}, "k")
    for address, body in (("/pilot/change", {"ramp": 0.6}), ("/pilot/pause", {"ramp": 0.5})):
        answer = post(admin_client, address, body, "k")
        assert answer.status_code == 422
        assert answer.json() == {"detail": "the idempotency key 'k' was given for something else"}


def test_what_failed_may_be_tried_again(admin_client: Client) -> None:
    experiment = make_experiment()
    assert post(admin_client, "/pilot/resume", {}, "k").status_code == 409
    assert not KeptAnswer.objects.exists()
    Experiment.objects.filter(pk=experiment.pk).update(state="paused")
    experiment.phases.update(ended_at="2100-01-01T00:00Z")
    assert post(admin_client, "/pilot/resume", {}, "k").status_code == 200


def test_each_person_has_keys_of_their_own(admin_client: Client) -> None:
    make_experiment()
    post(admin_client, "/pilot/change", {"ramp": 0.5}, "k")
    _, token = issue("x", ["manage"], user=User.objects.create_superuser("bea"))
    other = Client(headers={"authorization": f"Bearer {token}"})
    assert post(other, "/pilot/change", {"ramp": 0.6}, "k").status_code == 200


@pytest.mark.parametrize("key", ["x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(admin_client: Client, key: str) -> None:
    make_experiment()
    answer = post(admin_client, "/pilot/pause", {}, key)
    assert (answer.status_code, list(answer.json())) == (400, ["Idempotency-Key"])
