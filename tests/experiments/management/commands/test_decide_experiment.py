"""The operator's door to what is shipped after an end."""

import pytest
from django.core.management import CommandError, call_command

from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db


def test_without_a_choice_it_says_what_is_recommended(capsys: pytest.CaptureFixture[str]) -> None:
    counted_study()
    call_command("decide_experiment", "pilot")
    recommended, mapped = capsys.readouterr().out.splitlines()
    assert recommended.startswith("pilot: Ship gevaden: +")
    assert mapped.startswith("The map: Videos by arm: raw on ")


def test_ships_and_takes_back(capsys: pytest.CaptureFixture[str]) -> None:
    counted_study()
    call_command("decide_experiment", "pilot", "--ship", "gevaden", "--holdback", "0.1")
    assert capsys.readouterr().out == (
        "pilot: gevaden is shipped; 10 % are held back and see raw.\n"
    )
    with pytest.raises(CommandError, match="pilot is decided: gevaden is shipped"):
        call_command("decide_experiment", "pilot", "--keep-control")
    call_command("decide_experiment", "pilot", "--take-back", "--why", "a complaint")
    call_command("decide_experiment", "pilot", "--ship-map")
    assert "The arm that is best for each video is shipped" in capsys.readouterr().out
