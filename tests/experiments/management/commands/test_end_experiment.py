"""The operator's door to the end of an experiment."""

import pytest
from django.core.management import CommandError, call_command

from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_ends_once(capsys: pytest.CaptureFixture[str]) -> None:
    experiment = make_experiment()
    call_command("end_experiment", "pilot")
    assert capsys.readouterr().out == "pilot ended\n"
    experiment.refresh_from_db()
    assert experiment.state == "ended"
    with pytest.raises(CommandError, match="pilot is ended, must be running or paused to be ended"):
        call_command("end_experiment", "pilot")
    with pytest.raises(CommandError, match="there is no experiment 'b'"):
        call_command("end_experiment", "b")
