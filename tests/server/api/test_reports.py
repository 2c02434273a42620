"""GET /api/v1/reports/<slug>."""

import pytest
from django.test import Client

from experiments.analysis.confidence_sequences import course
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.models import Experiment
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db


def test_the_answer_is_the_reports_document(client: Client) -> None:
    experiment = counted_study(simulated="drawn by a model")
    answer = client.get("/api/v1/reports/pilot")
    assert answer.status_code == 200
    report = build(experiment)
    document = as_document(report, course(experiment, report))
    assert answer.json() | {"made_at": ""} == document | {"made_at": ""}


def test_an_unknown_experiment_and_a_draft_are_not_found(client: Client) -> None:
    Experiment.objects.create(slug="draft", name="Draft")
    assert client.get("/api/v1/reports/none").status_code == 404
    assert client.get("/api/v1/reports/draft").status_code == 404


def test_a_report_cannot_be_written(client: Client) -> None:
    counted_study()
    assert client.post("/api/v1/reports/pilot", {}).status_code in {401, 405}
