"""The outbox: messages are written in the transaction of what they tell, and sent after it."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from experiments.models import Webhook, WebhookDelivery
from experiments.webhooks.kinds import Kind


def announce(kind: Kind, subject: str, told: Mapping[str, Any]) -> int:
    """Write a message to each webhook that is on and wants to know; return how many.

    Args:
        kind: what happened.
        subject: the slug of what it happened to.
        told: what the message says of it, as JSON can hold it.
    """
    wanting = Webhook.objects.filter(is_on=True, kinds__contains=[kind])
    made = WebhookDelivery.objects.bulk_create(
        _message(webhook, kind, subject, told) for webhook in wanting
    )
    return len(made)


def announce_to(webhook: Webhook, kind: Kind, subject: str, told: Mapping[str, Any]) -> None:
    """Write a message to one webhook, whatever it wants to know."""
    _message(webhook, kind, subject, told).save()


def _message(
    webhook: Webhook, kind: Kind, subject: str, told: Mapping[str, Any]
) -> WebhookDelivery:
    key, now = uuid.uuid4(), timezone.now()
    body = {"id": str(key), "kind": kind.value, "at": now.isoformat(), "subject": subject}
    text = json.dumps({**body, "data": dict(told)})
    return WebhookDelivery(
        key=key, webhook=webhook, kind=kind.value, subject=subject, body=text, next_try_at=now
    )
