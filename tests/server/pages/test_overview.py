"""The overview: what each experiment says, found by filters, with few queries however many."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.analysis import summaries
from experiments.analysis.report import formatting, sentences
from experiments.analysis.report.build import build
from experiments.choice import Choice
from experiments.models import Arm, Cell, Experiment, Phase, ReportSummary
from experiments.serving.decision import Shipment, ship
from tests.experiments.analysis.report.cast import LOPSIDED, counted_study
from tests.reading import as_read

pytestmark = pytest.mark.django_db
QUERIES = 15


def text_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/dashboards/{query}")
    assert answer.status_code == 200
    return as_read(answer.content.decode())


def listed(page: str) -> list[str]:
    """Return the names in the table."""
    found = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]*)<', page)
    return [name.strip() for name in found]


def test_each_experiment_has_its_verdict_its_traffic_and_its_health(client: Client) -> None:
    report = build(counted_study())
    odd = build(counted_study(LOPSIDED, slug="odd"))
    summaries.renew()
    page = text_of(client)
    assert sentences.headline(report) in page
    assert f"{formatting.whole(report.views)} views" in page
    assert '<span class="badge bad">do not trust</span>' in page
    assert sentences.share_check(odd.srm) in page
    assert page.count("✓ traffic shares") == 1
    assert page.count("✕ traffic shares") == 1


def test_what_waits_for_the_worker_or_cannot_be_said_is_said(client: Client) -> None:
    experiment = counted_study()
    assert "the worker does so within a minute" in text_of(client)
    summaries.renew()
    assert "newer counts" not in text_of(client)
    Cell.objects.filter(arm__experiment=experiment).update(counted=7)
    assert "newer counts are being looked at" in text_of(client)
    ReportSummary.objects.update(problem="pilot has no arms")
    assert "pilot has no arms" in text_of(client)


def test_filters_and_order_are_in_the_address(client: Client) -> None:
    counted_study()
    counted_study(LOPSIDED, slug="odd", question="Do red covers win?")
    counted_study(slug="live", ended=False)
    Experiment.objects.create(slug="draft", name="Only an idea")
    summaries.renew()
    assert set(listed(text_of(client))) == {"pilot", "odd", "live", "Only an idea"}
    assert listed(text_of(client, "?q=red+covers")) == ["odd"]
    assert listed(text_of(client, "?state=running")) == ["live"]
    assert listed(text_of(client, "?verdict=do+not+trust")) == ["odd"]
    assert listed(text_of(client, "?state=draft")) == ["Only an idea"]
    assert listed(text_of(client, "?sort=name&state=ended")) == ["odd", "pilot"]
    assert listed(text_of(client, "?sort=views"))[0] == "odd"
    assert "No experiment is like that" in text_of(client, "?q=nowhere")
    assert "maybe is not one of the available choices" in text_of(client, "?verdict=maybe")
    assert listed(text_of(client, "?verdict=no+report")) == []


def test_a_rollout_stands_with_its_decision(client: Client) -> None:
    ship(counted_study(), Shipment(Choice.ARM, "gevaden"))
    assert listed(text_of(client)) == ["pilot"]


def test_without_experiments_it_says_what_to_do(client: Client) -> None:
    page = text_of(client)
    assert "No experiment yet" in page
    assert "/console/experiments/new/" in page


def test_queries_and_reports_do_not_grow_with_the_experiments(client: Client) -> None:
    make_many(300)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client, "?page=2")
    assert len(asked) <= QUERIES
    assert len(listed(page)) == 25
    assert "Page 2 of 12" in page


def make_many(number: int) -> None:
    """Make experiments that ended, each with a summary of its own."""
    made = Experiment.objects.bulk_create(
        Experiment(slug=f"e{i}", name=f"Experiment {i}", state="ended",
                   started_at=timezone.now(), ended_at=timezone.now())
        for i in range(number)
    )  # fmt: skip
    arms = Arm.objects.bulk_create(
        Arm(experiment=each, index=0, name="raw", selector="raw") for each in made
    )
    phases = Phase.objects.bulk_create(
        Phase(experiment=each, number=1, allocation=[], started_at=timezone.now()) for each in made
    )
    Cell.objects.bulk_create(
        Cell(phase=phase, arm=arm, share=1.0) for phase, arm in zip(phases, arms, strict=True)
    )
    ReportSummary.objects.bulk_create(
        ReportSummary(experiment=each, watermark=0, state="ended", made_at=timezone.now(),
                      took_s=0, verdict="winner", headline="it wins", checks=[], arms=[])
        for each in made
    )  # fmt: skip
