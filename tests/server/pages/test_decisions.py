"""The page of decisions: the same figures as its table, by year, with few queries."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.analysis import summaries
from experiments.analysis.report import formatting
from experiments.deciding import gain_sentences
from experiments.deciding.gains import gains, total
from experiments.models import Decision, Experiment
from experiments.serving.decision import take_back
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.deciding.test_gains import decided
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def text_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/dashboards/decisions/{query}")
    assert answer.status_code == 200
    return as_read(answer.content.decode())


def test_each_decision_has_what_was_expected_and_what_is_measured(client: Client) -> None:
    made = decided()
    decided("quiet", holdback=0)
    counted_study(slug="open")
    summaries.renew(budget_s=60)
    page = text_of(client)
    gain = gains()[1]
    assert gain.experiment == made.experiment
    for said in (
        gain.said,
        formatting.signed_percent(gain.expected),
        formatting.signed_percent(gain.measured.value),
        formatting.interval(gain.measured, 1, signed=True),
        f"{gain.clicks.value:+,.0f}",
        "nobody is held back",
        gain_sentences.brought(total(gains())),
        gain_sentences.kept_promise(total(gains())),
    ):
        assert said in page
    assert "<dt>ended: winner</dt><dd>3</dd>" in page
    assert 'href="/dashboards/pilot-shipped/"' in page


def test_the_table_holds_the_same(client: Client) -> None:
    decided()
    summaries.renew()
    answer = client.get("/dashboards/decisions.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="decisions.csv"'
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    (gain,) = gains()
    assert (line["experiment"], line["rollout"]) == ("pilot", "pilot-shipped")
    assert float(line["expected_lift"]) == gain.expected
    assert float(line["measured_lift"]) == gain.measured.value
    assert float(line["clicks_gained_low"]) == gain.clicks.low
    assert line["likely_lift"] == ""


def test_a_year_is_in_the_address(client: Client) -> None:
    old = decided("old").rollout
    decided()
    Experiment.objects.filter(pk=old.pk).update(started_at=datetime(2024, 3, 1, tzinfo=UTC))
    page = text_of(client, "?year=2024")
    assert ">old<" in page
    assert ">pilot<" not in page
    answer = client.get("/dashboards/decisions.csv?year=2024")
    assert answer["Content-Disposition"] == 'attachment; filename="decisions-2024.csv"'
    assert "1999 is not one of the available choices" in text_of(client, "?year=1999")


def test_one_that_was_taken_back_stays_with_its_day(client: Client) -> None:
    made = decided()
    take_back(made.experiment)
    made.rollout.refresh_from_db()
    assert f"taken back on {made.rollout.ended_at:%Y-%m-%d}" in text_of(client)


def test_without_decisions_it_says_what_brings_one(client: Client) -> None:
    assert "No decision yet" in text_of(client)


def test_queries_do_not_grow_with_the_decisions(client: Client) -> None:
    first = decided()
    for number in range(60):
        ended = Experiment.objects.create(
            slug=f"s{number}", name="s", started_at=first.rollout.started_at, state="running"
        )
        Decision.objects.create(
            experiment=first.experiment, rollout=ended, choice="arm", shipped="gevaden",
            held_back="raw", holdback=0.1,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        assert "Page 1 of 2" in text_of(client)
    assert len(asked) <= 15
