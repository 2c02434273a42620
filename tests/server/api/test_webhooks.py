"""Webhooks by programs."""

from typing import Any

import pytest
from django.test import Client

from experiments.models import Webhook, WebhookDelivery

pytestmark = pytest.mark.django_db
AT = "/api/v1/webhooks"


def post(client: Client, address: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(address, body or {}, content_type="application/json")


def test_one_is_made_tried_and_taken_away(admin_client: Client) -> None:
    given = {"url": "https://shop.example/told", "kinds": ["health.red"]}
    made = post(admin_client, AT, given)
    assert made.status_code == 201
    one = f"{AT}/{made.json()['id']}"
    assert made.json()["secret"] == Webhook.objects.get().secret
    (listed,) = admin_client.get(AT).json()["results"]
    assert (listed["url"], "secret" in listed) == (given["url"], False)
    assert admin_client.get(one).json() == listed
    assert post(admin_client, f"{one}/try").status_code == 200
    (message,) = admin_client.get(f"{one}/messages").json()["results"]
    assert (message["kind"], message["state"], message["tries"]) == ("webhook.tried", "waiting", 0)
    WebhookDelivery.objects.update(state="given_up", tries=8)
    again = post(admin_client, f"{one}/messages/{message['id']}/again")
    assert (again.status_code, again.json()["state"]) == (200, "waiting")
    assert admin_client.delete(one).status_code == 204
    assert admin_client.get(one).status_code == 404


def test_what_cannot_be_is_named_by_its_field(admin_client: Client) -> None:
    answer = post(admin_client, AT, {"url": "http://shop.example/", "kinds": ["moon.full"]})
    assert answer.status_code == 400
    assert set(answer.json()) == {"url", "kinds"}


def test_nobody_else_may(client: Client) -> None:
    assert client.get(AT).status_code == 401
