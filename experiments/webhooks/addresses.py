"""The addresses that are told what happens: made, tried, switched and taken away."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from experiments.audit import record_act
from experiments.errors import InvalidValuesError
from experiments.models import Webhook, WebhookDelivery
from experiments.webhooks import network
from experiments.webhooks.kinds import CHOSEN, Kind
from experiments.webhooks.outbox import announce_to

PREFIX, SECRET_BYTES, URL_CHARS, MOST = "whsec_", 32, 500, 50


@transaction.atomic
def make(url: str, kinds: Sequence[str], *, why: str = "") -> Webhook:
    """Make a webhook, whose secret is shown this once.

    Raises:
        InvalidValuesError: for an address or a kind that cannot be.
    """
    url = url.strip()
    if problems := _problems(url, kinds):
        raise InvalidValuesError(problems)
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    webhook = Webhook.objects.create(url=url, kinds=sorted(set(kinds)), secret=secret)
    after = {"url": url, "kinds": ", ".join(webhook.kinds)}
    record_act("webhook", _host(webhook), "make", after=after, why=why)
    return webhook


@transaction.atomic
def switch(webhook: Webhook, *, is_on: bool) -> None:
    """Let a webhook be told, or not; what waits for it waits on."""
    before = {"on": webhook.is_on}
    webhook.is_on = is_on
    webhook.save(update_fields=["is_on"])
    record_act("webhook", _host(webhook), "switch", before=before, after={"on": is_on})


@transaction.atomic
def remove(webhook: Webhook) -> None:
    """Take a webhook away, and what was sent to it."""
    record_act("webhook", _host(webhook), "take away", before={"url": webhook.url})
    webhook.delete()


@transaction.atomic
def send_a_try(webhook: Webhook) -> None:
    """Send a message that says nothing, to see whether it arrives."""
    announce_to(webhook, Kind.TRIED, _host(webhook), {})
    record_act("webhook", _host(webhook), "try")


def _problems(url: str, kinds: Sequence[str]) -> dict[str, str]:
    problems = {}
    of_url = network.problem(url)
    if len(url) > URL_CHARS:
        of_url = f"url has {len(url)} characters, must have at most {URL_CHARS}"
    if Webhook.objects.count() >= MOST:
        of_url = f"there are {MOST} webhooks: take one away first"
    if of_url:
        problems["url"] = of_url
    unknown = sorted(set(kinds) - set(CHOSEN))
    if unknown or not kinds:
        given = ", ".join(unknown) or "nothing"
        problems["kinds"] = f"kinds == {given}, must be some of {', '.join(CHOSEN)}"
    return problems


def _host(webhook: Webhook) -> str:
    return str(urlsplit(webhook.url).hostname)[:100]


@transaction.atomic
def retry(delivery: WebhookDelivery) -> None:
    """Send a message once more, now; whoever has it already knows it by its id."""
    after = {"id": str(delivery.key), "kind": delivery.kind, "of": delivery.subject}
    record_act("webhook", _host(delivery.webhook), "send again", after=after)
    delivery.state, delivery.tries, delivery.ended_at = WebhookDelivery.State.WAITING, 0, None
    delivery.next_try_at = timezone.now()
    delivery.save(update_fields=["state", "tries", "ended_at", "next_try_at"])
