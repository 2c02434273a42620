"""The operator's door to weights and ramp."""

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Phase
from experiments.serving import allocation_phases
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
DROP = ["--weight", "raw=1", "--weight", "re_seq2seq=0", "--weight", "gevaden=3"]


def test_weights_and_ramp_open_the_next_phase(capsys: pytest.CaptureFixture[str]) -> None:
    experiment = make_experiment()
    allocation_phases.current(experiment)
    call_command("change_experiment", "pilot", *DROP, "--ramp", "0.5")
    assert capsys.readouterr().out == (
        "pilot, phase 2: ramp 0.5; raw 25.0%, re_seq2seq 0.0%, gevaden 75.0%\n"
    )
    assert allocation_phases.plan(experiment).allocation.shares() == {0: 0.25, 2: 0.75}
    call_command("change_experiment", "pilot", "--ramp", "1")
    assert "phase 3: ramp 1; raw 25.0%" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gone", "--ramp", "1"], "there is no experiment 'gone'"),
        (["pilot"], "nothing to change"),
        (["pilot", "--ramp", "1.5"], r"ramp == 1\.5"),
        (["pilot", "--weight", "raw=1"], "must name every arm: gevaden, raw, re_seq2seq"),
        (["pilot", "--weight", "raw"], "must look like ARM=WEIGHT"),
        (["pilot", "--weight", "raw=many"], "weight 'many', must be a number"),
        (["pilot", *DROP[:-1], "gevaden=-1"], "weight"),
        (["pilot", *DROP[:-1], "gevaden=nan"], "weight"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], said: str) -> None:
    make_experiment()
    with pytest.raises(CommandError, match=said):
        call_command("change_experiment", *words)
    assert not Phase.objects.filter(number=2).exists()
