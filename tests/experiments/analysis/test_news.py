"""News of reports are told once: a verdict that is reached, and health that turns red."""

import json
from typing import Any

import pytest

from experiments.analysis import summaries
from experiments.models import ReportSummary, WebhookDelivery
from experiments.webhooks.addresses import make
from experiments.webhooks.kinds import CHOSEN
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, LOPSIDED, counted_study

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def webhook() -> None:
    make("https://shop.example/told", [kind.value for kind in CHOSEN])


def told() -> list[tuple[str, str, dict[str, Any]]]:
    rows = WebhookDelivery.objects.order_by("pk")
    return [(row.kind, row.subject, json.loads(row.body)["data"]) for row in rows]


def make_again(**before: object) -> None:
    """Let the summary be made again, as if it had said this before."""
    ReportSummary.objects.update(watermark=-1, took_s=0.0, **before)
    assert summaries.renew() == 1


def test_a_verdict_is_told_when_it_is_reached() -> None:
    counted_study(FOUR_VIDEOS, slug="spring")
    summaries.renew()
    ((kind, subject, data),) = told()
    assert (kind, subject, data["verdict"]) == ("verdict.reached", "spring", "winner")
    assert "gevaden" in data["sentence"]
    make_again()
    assert len(told()) == 1  # the same again is no news
    make_again(verdict="not enough yet")
    assert len(told()) == 2


def test_health_is_told_when_it_turns_red() -> None:
    counted_study(LOPSIDED, slug="spring")
    summaries.renew()
    ((kind, subject, data),) = told()
    assert (kind, subject) == ("health.red", "spring")
    assert [check["name"] for check in data["checks"]] == ["traffic shares"]
    assert data["checks"][0]["says"]
    make_again()
    assert len(told()) == 1
    make_again(checks=[])
    assert len(told()) == 2


def test_what_is_not_clear_is_no_news() -> None:
    counted_study((((90, 5), (91, 6)), ((80, 4), (79, 5))), slug="spring")
    summaries.renew()
    assert told() == []
