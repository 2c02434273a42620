"""Addresses that are told: what cannot be is refused, and every act is in the audit log."""

import pytest

from experiments.errors import InvalidValuesError
from experiments.models import AuditEntry, Webhook, WebhookDelivery
from experiments.webhooks.addresses import make, remove, retry, send_a_try, switch
from experiments.webhooks.kinds import Kind

pytestmark = pytest.mark.django_db
URL = "https://shop.example/told"


@pytest.mark.parametrize(
    ("url", "kinds", "said"),
    [
        ("http://shop.example/", [Kind.HEALTH_RED], "url"),
        (f"https://shop.example/{'x' * 500}", [Kind.HEALTH_RED], "at most 500"),
        (URL, [], "kinds == nothing"),
        (URL, ["moon.full"], r"kinds == moon.full, must be some of thumbnails.ready"),
        (URL, [Kind.TRIED], r"kinds == webhook.tried"),
    ],
)
def test_what_cannot_be_is_refused(url: str, kinds: list[str], said: str) -> None:
    with pytest.raises(InvalidValuesError, match=said):
        make(url, kinds)
    assert not Webhook.objects.exists()


def test_every_act_is_recorded_and_no_secret_is() -> None:
    webhook = make(URL, [Kind.HEALTH_RED], why="the shop asks")
    assert webhook.secret.startswith("whsec_")
    assert len(webhook.secret) > 40
    send_a_try(webhook)
    retry(WebhookDelivery.objects.get())
    switch(webhook, is_on=False)
    remove(webhook)
    entries = AuditEntry.objects.order_by("pk")
    assert [(each.kind, each.subject, each.act) for each in entries] == [
        ("webhook", "shop.example", act)
        for act in ("make", "try", "send again", "switch", "take away")
    ]
    assert webhook.secret not in str([(each.before, each.after) for each in entries])
    assert not WebhookDelivery.objects.exists()
