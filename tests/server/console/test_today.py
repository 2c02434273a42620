"""The console's first page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from experiments.analysis import summaries
from experiments.models import Experiment, ReportSummary, Video
from tests.experiments.analysis.report.cast import LOPSIDED, counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def today(console: Client) -> str:
    return console.get("/console/").content.decode()


def test_an_empty_site_says_where_to_begin(console: Client) -> None:
    page = today(console)
    assert "There is no video yet" in page
    assert "No experiment runs." in page


def test_what_runs_is_shown_with_its_day(console: Client) -> None:
    make_experiment("spring", videos=2)
    started = timezone.now() - timedelta(days=5, hours=1)
    Experiment.objects.update(started_at=started, simulated="by a test")
    page = today(console)
    assert '<a href="/console/experiments/spring/">spring</a>' in page
    assert "6 of 28" in page
    assert "simulated" in page
    assert "Nothing." in page


def test_what_waits_for_a_person(console: Client) -> None:
    make_experiment("spring")
    Experiment.objects.update(planned_end=timezone.now() - timedelta(hours=1))
    Experiment.objects.create(slug="autumn", name="Autumn")
    for number, state in enumerate(["failed", "failed", "stopped"]):
        code = "unreadable" if state == "failed" else ""
        Video.objects.create(slug=f"v{number}", title="v", state=state, error_code=code)
    page = today(console)
    for said in (
        "2 videos failed.",
        "1 video taken out of the queue by hand.",
        "“spring” is at its planned end: read the result and decide.",
        "“Autumn” is not started yet.",
    ):
        assert said in page


def test_numbers_that_cannot_be_trusted_wait_for_a_person(console: Client) -> None:
    counted_study(LOPSIDED, slug="odd", ended=False)
    counted_study(LOPSIDED, slug="over")
    counted_study(slug="broken", ended=False)
    summaries.renew()
    ReportSummary.objects.filter(experiment__slug="broken").update(problem="it has no arms")
    over = Experiment.objects.filter(slug="odd")
    over.update(planned_end=timezone.now() - timedelta(hours=1))
    page = today(console)
    assert page.index("“odd”: Verdict") < page.index("“odd” is at its planned end")
    assert "“odd”: Verdict: do not trust these numbers." in page
    assert 'href="/dashboards/odd/"' in page
    assert "“broken”: it has no arms" in page
    assert "“over”" not in page


def test_what_is_wrong_with_the_site_leads_to_its_state(console: Client) -> None:
    Video.objects.create(slug="v", title="v", state="failed", error_code="disk_full")
    page = today(console)
    assert "Videos failed by no fault of their files: 1 of “disk_full”." in page
    assert 'href="/console/status/"' in page


def test_few_queries_however_much_there_is(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        make_experiment(f"e{number}", videos=1)
    Video.objects.bulk_create(
        Video(slug=f"v{n}", title="v", state="failed", error_code="x") for n in range(300)
    )
    with django_assert_max_num_queries(15):
        page = today(console)
    assert "And more: " in page
