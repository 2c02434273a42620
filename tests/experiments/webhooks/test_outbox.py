"""What happens is told, where it was done: by videos that are ready, and by decisions."""

import json

import pytest
from django.db import transaction

from experiments.choice import Choice
from experiments.making import jobs
from experiments.models import Video, WebhookDelivery
from experiments.serving.decision import Shipment, ship
from experiments.webhooks.addresses import make
from experiments.webhooks.kinds import CHOSEN, Kind
from experiments.webhooks.outbox import announce
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def webhook() -> None:
    make("https://shop.example/told", [kind.value for kind in CHOSEN])


def told() -> list[tuple[str, str, dict[str, object]]]:
    rows = WebhookDelivery.objects.order_by("pk")
    return [(row.kind, row.subject, json.loads(row.body)["data"]) for row in rows]


def test_what_was_not_done_is_not_told() -> None:
    with transaction.atomic():
        announce(Kind.HEALTH_RED, "spring", {})
        transaction.set_rollback(True)
    assert told() == []


def test_a_shipped_decision_is_told() -> None:
    ship(counted_study(slug="spring"), Shipment(Choice.ARM, "gevaden", holdback=0.1))
    ((kind, subject, data),) = told()
    assert (kind, subject) == ("decision.shipped", "spring")
    assert (data["arm"], data["holdback"], data["rollout"]) == ("gevaden", 0.1, "spring-shipped")


def test_a_video_that_is_ready_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    video = make_video("v1")
    Video.objects.filter(pk=video.pk).update(state="waiting", file="v1.mp4")
    monkeypatch.setattr("experiments.making.thumbnail_steps.make", lambda *_: None)
    jobs.work()
    assert told() == [("thumbnails.ready", "v1", {"title": "V1"})]
