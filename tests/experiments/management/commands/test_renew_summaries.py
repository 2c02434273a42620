"""The command `renew_summaries`."""

from io import StringIO

import pytest
from django.core.management import call_command

from experiments.models import ReportSummary
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db


def test_it_renews_what_is_old_and_says_how_many() -> None:
    counted_study()
    assert not ReportSummary.objects.exists()
    assert renewed() == "renewed what lists show of 1 experiments\n"
    assert ReportSummary.objects.get().verdict
    assert renewed() == "renewed what lists show of 0 experiments\n"


def renewed() -> str:
    out = StringIO()
    call_command("renew_summaries", stdout=out)
    return out.getvalue()
