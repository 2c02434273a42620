"""The page of webhooks."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.models import Webhook, WebhookDelivery
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce

pytestmark = pytest.mark.django_db
PAGE = "/console/webhooks/"
GIVEN = {"url": "https://shop.example/told", "kinds": ["health.red"]}


def test_one_is_made_and_its_secret_shown_once(console: Client) -> None:
    page = console.post(PAGE, GIVEN).content.decode()
    secret = Webhook.objects.get().secret
    assert secret in page
    assert secret not in console.get(PAGE).content.decode()


def test_what_cannot_be_stands_beside_its_field(console: Client) -> None:
    answer = console.post(PAGE, {"url": "http://shop.example/", "kinds": ["health.red"]})
    assert answer.status_code == 400
    assert "must be an address such as https" in answer.content.decode()
    assert "This field is required." in console.post(PAGE, {"url": "x"}).content.decode()


def test_one_is_tried_switched_and_taken_away(console: Client) -> None:
    console.post(PAGE, GIVEN)
    webhook = Webhook.objects.get()
    address = f"{PAGE}{webhook.pk}/"
    page = console.post(address, {"act": "try"}, follow=True).content.decode()
    assert "webhook.tried" in page
    message = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(state="given_up", tries=8, status=500, answer="<b>down</b>")
    page = console.get(PAGE).content.decode()
    assert "given up" in page
    assert "500 &lt;b&gt;down&lt;/b&gt;" in page
    console.post(f"{PAGE}messages/{message.key}/")
    message.refresh_from_db()
    assert (message.state, message.tries) == ("waiting", 0)
    console.post(address, {"act": "off"})
    assert "Switch on" in console.get(PAGE).content.decode()
    console.post(address, {"act": "on"})
    odd = console.post(address, {"act": "sing"}, follow=True).content.decode()
    assert "must be try, on, off or remove" in odd
    console.post(address, {"act": "remove"})
    assert "Nothing was sent yet." in console.get(PAGE).content.decode()


def test_few_queries(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        console.post(PAGE, GIVEN | {"url": f"https://shop{number}.example/"})
    for number in range(60):
        announce(Kind.HEALTH_RED, f"e{number}", {})
    with django_assert_max_num_queries(15):
        assert "Page 1 of 6" in console.get(PAGE).content.decode()
