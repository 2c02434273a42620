"""Why there is no report: the design where that is at fault, else the log."""

import pytest
from django.db import OperationalError

from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.errors import StateError
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_what_is_wrong_with_the_design_is_said() -> None:
    experiment = make_experiment("bad")
    experiment.arms.all().delete()
    said = "^bad cannot be reported on: number of arms == 0, must be 2 to 256"
    with pytest.raises(NoReportError, match=said), reporting_on(experiment):
        raise IndexError("a fault")


def test_what_is_no_fault_of_the_design_is_said_to_be_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = "^good cannot be reported on: what was counted does not fit together, see the site's log"
    with pytest.raises(NoReportError, match=said), reporting_on(make_experiment("good")):
        raise KeyError("a fault")
    assert "a fault" in caplog.text


def test_a_sentence_for_the_reader_stays_and_a_database_that_is_away_is_no_experiments_fault() -> (
    None
):
    experiment = make_experiment("good")
    with pytest.raises(NoReportError, match="too early"), reporting_on(experiment):
        raise StateError("too early")
    with pytest.raises(OperationalError), reporting_on(experiment):
        raise OperationalError("away")
