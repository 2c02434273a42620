"""Why there is no report: the design where that is at fault, else the log."""

import pytest

from experiments.analysis.report.no_report import why_no_report
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_what_is_wrong_with_the_design_is_said() -> None:
    experiment = make_experiment("bad")
    experiment.arms.all().delete()
    said = "bad cannot be reported on: number of arms == 0, must be 2 to 256"
    assert why_no_report(experiment).startswith(said)


def test_of_a_good_design_the_log_says_what_is_wrong() -> None:
    said = "good cannot be reported on: what was counted does not fit together, see the site's log."
    assert why_no_report(make_experiment("good")) == said
