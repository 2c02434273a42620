"""`manage.py report`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Experiment
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db


def report(*words: str) -> str:
    out = StringIO()
    call_command("report", *words, stdout=out)
    return out.getvalue()


def test_the_table_is_printed() -> None:
    counted_study()
    printed = report("pilot")
    assert "gevaden lifts mCTR" in printed
    assert printed.endswith("\n")


def test_the_document_is_printed() -> None:
    counted_study()
    assert json.loads(report("pilot", "--json"))["experiment"]["slug"] == "pilot"


def test_an_unknown_slug_is_refused_with_those_there_are() -> None:
    counted_study()
    with pytest.raises(CommandError, match=r"slug == 'plot', must be .*: pilot$"):
        report("plot")


def test_an_experiment_with_wrong_rows_is_refused_in_a_sentence() -> None:
    experiment = counted_study()
    experiment.arms.all().delete()
    with pytest.raises(CommandError, match=r"pilot cannot be reported on: arms == \(\), must"):
        report("pilot")


def test_a_draft_has_nothing_to_report() -> None:
    Experiment.objects.create(slug="draft", name="Draft")
    with pytest.raises(CommandError, match=r"must be .*: none yet$"):
        report("draft")
