"""Messages are sent to a real receiver, signed, and tried again later and later."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from experiments.models import Webhook, WebhookDelivery
from experiments.tasks import send_webhooks
from experiments.webhooks import sending
from experiments.webhooks.addresses import make, retry, switch
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce
from experiments.webhooks.sending import WAITS_S, send_due
from tests.experiments.webhooks.receiver import Receiver, listening
from tests.experiments.webhooks.verifying import documented_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with listening() as found:
        yield found


@pytest.fixture
def webhook(receiver: Receiver) -> Webhook:
    return make(receiver.url, [Kind.HEALTH_RED])


def test_a_message_arrives_as_it_was_written_and_signed(
    receiver: Receiver, webhook: Webhook
) -> None:
    assert announce(Kind.HEALTH_RED, "spring", {"checks": ["shares"]}) == 1
    assert announce(Kind.DECISION_SHIPPED, "spring", {}) == 0  # it does not want to know
    send_webhooks()
    ((headers, body),) = receiver.came
    told, delivery = json.loads(body), WebhookDelivery.objects.get()
    assert (told["id"], told["kind"]) == (str(delivery.key), "health.red")
    assert (told["subject"], told["data"]) == ("spring", {"checks": ["shares"]})
    assert documented_check()(webhook.secret, headers["Coverlift-Signature"], body)
    assert (delivery.state, delivery.tries, delivery.status, delivery.answer) == (
        "delivered", 1, 200, "noted",
    )  # fmt: skip
    assert send_due() == 0


def test_what_fails_is_tried_later_and_later_and_then_given_up(
    receiver: Receiver, webhook: Webhook
) -> None:
    receiver.status = 500
    announce(Kind.HEALTH_RED, "spring", {})
    for number, wait_s in enumerate(WAITS_S, 1):
        before = timezone.now()
        assert send_due() == 1
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.tries, delivery.status) == ("waiting", number, 500)
        assert delivery.next_try_at is not None
        assert (delivery.next_try_at - before).total_seconds() >= wait_s
        assert send_due() == 0  # not before its time
        WebhookDelivery.objects.update(next_try_at=timezone.now())
    assert send_due() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("given_up", 8, None)
    receiver.status = 204
    retry(delivery)
    send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, len(receiver.came)) == ("delivered", 1, 9)


def test_a_redirect_is_not_followed(receiver: Receiver, webhook: Webhook) -> None:
    receiver.status, receiver.location = 302, receiver.url
    announce(Kind.HEALTH_RED, "spring", {})
    send_due()
    assert (WebhookDelivery.objects.get().status, len(receiver.came)) == (302, 1)


def test_nobody_there_is_a_failed_try_and_holds_up_no_other(
    receiver: Receiver, webhook: Webhook
) -> None:
    make("http://127.0.0.1:9/", [Kind.HEALTH_RED])
    announce(Kind.HEALTH_RED, "spring", {})
    assert send_due() == 2
    absent = WebhookDelivery.objects.get(webhook__url="http://127.0.0.1:9/")
    assert (absent.state, absent.status, "refused" in absent.answer) == ("waiting", None, True)
    assert len(receiver.came) == 1


def test_nothing_goes_into_a_private_network_unless_it_may(
    receiver: Receiver, webhook: Webhook, settings: Settings
) -> None:
    announce(Kind.HEALTH_RED, "spring", {})
    settings.WEBHOOKS_PRIVATE = False
    send_due()
    assert receiver.came == []
    assert "in a private network" in WebhookDelivery.objects.get().answer


def test_one_that_is_off_is_told_nothing_and_what_waits_for_it_waits(
    receiver: Receiver, webhook: Webhook
) -> None:
    announce(Kind.HEALTH_RED, "spring", {})
    switch(webhook, is_on=False)
    assert (announce(Kind.HEALTH_RED, "autumn", {}), send_due()) == (0, 0)
    switch(webhook, is_on=True)
    assert send_due() == 1


def test_messages_are_kept_for_thirty_days(receiver: Receiver, webhook: Webhook) -> None:
    announce(Kind.HEALTH_RED, "spring", {})
    send_due()
    WebhookDelivery.objects.update(ended_at=timezone.now() - sending.KEPT - timedelta(hours=1))
    send_due()
    assert not WebhookDelivery.objects.exists()
