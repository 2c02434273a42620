"""Prometheus reads what the database counts, and strangers do not."""

import json
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from experiments.events.rollup import roll_up
from experiments.models import Arm, Video
from experiments.serving import feed
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def scraped() -> dict[tuple[str, ...], float]:
    """Return every figure by its name and the values of its labels, in order of their names."""
    answer = Client(headers={"host": "10.1.2.3:8000"}).get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_figures_are_those_of_the_database(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "pgmq://anywhere"
    make_experiment(videos=3, weights=(1, 0, 0))
    Video.objects.create(slug="torn", title="Torn", state="failed", error_code="unreadable")
    events = [{"token": slot.token, "step": "viewable"} for slot in feed.slots("ann").slots]
    events += [{"token": events[0]["token"], "step": "click"}, {"token": "1.x", "step": "click"}]
    body = json.dumps({"events": events})
    Client().post("/api/events", body, "text/plain", headers={"user-agent": BROWSER})
    assert scraped()[("coverlift_uncounted_arrivals",)] == 1
    roll_up()
    figures = scraped()
    (arm,) = Arm.objects.filter(index=0).values_list("name", flat=True)
    assert figures["coverlift_views", arm, "0", "pilot"] == 3
    assert figures["coverlift_clicks", arm, "0", "pilot"] == 1
    assert figures["coverlift_refused_events", "truncated"] == 1
    assert figures["coverlift_failed_videos", "unreadable"] == 1
    assert figures["coverlift_videos", "failed"] == 1
    assert figures[("coverlift_uncounted_arrivals",)] == 0
    assert figures["coverlift_tasks", "celery"] >= 0


def test_who_comes_through_the_proxy_finds_nothing(settings: Any) -> None:
    settings.PRODUCTION = True
    assert Client(headers={"x-forwarded-for": "93.184.216.34"}).get("/metrics").status_code == 404
    assert Client().get("/metrics").status_code == 200
