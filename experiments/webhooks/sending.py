"""Sends what waits in the outbox, and tries again later and later what did not arrive."""

import http.client
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from experiments.models import WebhookDelivery
from experiments.webhooks import network
from experiments.webhooks.signing import HEADER, signature

State = WebhookDelivery.State
WAITS_S = (10, 60, 300, 1800, 7200, 21600, 43200)  # after each try; then it is given up
BUDGET_S = 10.0  # of one round: others wait for the worker, too
KEPT = timedelta(days=30)
ANSWER_CHARS = 500
ABSENT = (network.AddressError, http.client.HTTPException, OSError)


def send_due(budget_s: float = BUDGET_S) -> int:
    """Send what is due, the longest due first, for about so long; return how many tries."""
    began_s, tries = time.monotonic(), 0
    while time.monotonic() - began_s < budget_s and _send_next():
        tries += 1
    WebhookDelivery.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()
    return tries


@transaction.atomic
def _send_next() -> bool:
    """Send one message; its row is locked meanwhile, so that no other worker sends it."""
    due = WebhookDelivery.objects.filter(
        state=State.WAITING, next_try_at__lte=timezone.now(), webhook__is_on=True
    )
    locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("webhook")
    delivery = locked.order_by("next_try_at", "pk").first()
    if delivery is None:
        return False
    _try(delivery)
    delivery.save()
    return True


def _try(delivery: WebhookDelivery) -> None:
    delivery.tries += 1
    try:
        answer = _post(delivery)
    except ABSENT as error:
        delivery.status, delivery.answer = None, (str(error) or repr(error))[:ANSWER_CHARS]
    else:
        text = answer.text.replace("\0", "")  # which Postgres does not take
        delivery.status, delivery.answer = answer.status, text[:ANSWER_CHARS]
    now = timezone.now()
    if delivery.status is not None and 200 <= delivery.status < 300:
        delivery.state, delivery.ended_at, delivery.next_try_at = State.DELIVERED, now, None
    elif delivery.tries > len(WAITS_S):
        delivery.state, delivery.ended_at, delivery.next_try_at = State.GIVEN_UP, now, None
    else:
        delivery.next_try_at = now + timedelta(seconds=WAITS_S[delivery.tries - 1])


def _post(delivery: WebhookDelivery) -> network.Answer:
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Coverlift-Webhooks/1",
        HEADER: signature(delivery.webhook.secret, body, int(time.time())),
    }
    return network.post(delivery.webhook.url, body, headers)
