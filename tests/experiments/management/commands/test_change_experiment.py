"""The operator's door to an experiment that runs."""

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Phase
from experiments.serving import allocation_phases
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
WEIGHTS = ["--weight", "raw=1", "--weight", "re_seq2seq=0", "--weight", "gevaden=3"]


def test_weights_and_ramp_open_the_next_phase(capsys: pytest.CaptureFixture[str]) -> None:
    experiment = make_experiment()
    call_command("change_experiment", "pilot", *WEIGHTS, "--ramp", "0.5")
    assert capsys.readouterr().out == (
        "pilot is running, phase 2: ramp 0.5; raw 25.0%, re_seq2seq 0.0%, gevaden 75.0%\n"
    )
    assert allocation_phases.plan(experiment).allocation.shares() == {0: 0.25, 2: 0.75}
    call_command("change_experiment", "pilot", "--ramp", "1")
    assert "phase 3: ramp 1; raw 25.0%" in capsys.readouterr().out


def test_an_arm_is_dropped_and_another_joins(capsys: pytest.CaptureFixture[str]) -> None:
    experiment = make_experiment()
    for video in experiment.videos.all():
        video.thumbnails.filter(selector="gevaden").update(selector="hecate")
    call_command("change_experiment", "pilot", "--drop", "gevaden")
    assert "raw 50.0%, re_seq2seq 50.0%, gevaden 0.0%" in capsys.readouterr().out
    call_command("change_experiment", "pilot", "--add", "late=hecate:2")
    assert "raw 25.0%, re_seq2seq 25.0%, gevaden 0.0%, late 50.0%" in capsys.readouterr().out


def test_a_pause_and_what_follows_it(capsys: pytest.CaptureFixture[str]) -> None:
    make_experiment()
    call_command("change_experiment", "pilot", "--pause")
    assert capsys.readouterr().out.startswith("pilot is paused, phase 1: ")
    call_command("change_experiment", "pilot", "--resume")
    assert capsys.readouterr().out.startswith("pilot is running, phase 2: ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["gone", "--ramp", "1"], "there is no experiment 'gone'"),
        (["pilot"], "nothing to change"),
        (["pilot", "--ramp", "1.5"], r"ramp == 1\.5"),
        (["pilot", "--weight", "raw=1"], "must name every arm: raw, re_seq2seq, gevaden"),
        (["pilot", "--weight", "raw"], "must look like ARM=WEIGHT"),
        (["pilot", "--weight", "raw=many"], "weight 'many', must be a number"),
        (["pilot", *WEIGHTS, "--weight", "raw=2"], "names an arm twice"),
        (["pilot", *WEIGHTS[:-1], "gevaden=-1"], r"weight == -1\.0 of arm 'gevaden'"),
        (["pilot", *WEIGHTS[:-1], "gevaden=nan"], "weight == nan of arm 'gevaden'"),
        (["pilot", "--drop", "gone"], "arm == 'gone', must be one of raw, re_seq2seq, gevaden"),
        (["pilot", "--resume"], "pilot is running, must be paused to be resumed"),
        (["pilot", "--pause", "--ramp", "1"], "--pause is an act of its own"),
        (["pilot", "--drop", "gevaden", *WEIGHTS], "--drop is an act of its own"),
        (["pilot", "--pause", "--resume"], "not allowed with"),
    ],
)
def test_what_cannot_be_meant_is_refused(argv: list[str], message: str) -> None:
    make_experiment()
    make_video("other")
    with pytest.raises(CommandError, match=message):
        call_command("change_experiment", *argv)
    assert not Phase.objects.filter(number=2).exists()
