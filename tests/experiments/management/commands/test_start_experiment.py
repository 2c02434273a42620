"""The operator's door to a new experiment."""

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Arm, Experiment
from experiments.serving import allocation_phases
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
START = ["start_experiment", "a", "--name", "A", "--arm", "raw=raw"]
TWO = [*START, "--arm", "GEVADEN=gevaden:0.5"]


def test_starts_and_prints_the_slug_that_it_got(capsys: pytest.CaptureFixture[str]) -> None:
    make_video("whole")
    call_command(*TWO)
    call_command(*TWO, "--once")
    call_command(*TWO)
    assert capsys.readouterr().out.split() == ["a", "a", "a-2"]
    assert Arm.objects.filter(name="GEVADEN", weight=0.5).count() == 2


def test_the_design_is_kept_and_ramps_the_first_phase() -> None:
    make_video("whole")
    call_command(
        *TWO, "--unit=viewer", "--ramp=0.1", "--holdback=0.05", "--layer=front:0.5:1",
        "--min-views=50", "--question=Why?", "--simulated=by dice",
    )  # fmt: skip
    experiment = Experiment.objects.get()
    plan = allocation_phases.plan(experiment)
    assert (plan.unit, plan.ramp, plan.holdback) == ("viewer", 0.1, 0.05)
    assert (plan.layer, plan.layer_from, plan.layer_to) == ("front", 0.5, 1.0)
    assert experiment.min_views == 50
    assert (experiment.question, experiment.simulated) == ("Why?", "by dice")


def test_the_stopping_plan_is_kept() -> None:
    make_video("whole")
    call_command(
        *TWO, "--stopping-rule=group_sequential", "--days=14", "--views=90000", "--looks=3",
        "--level=0.9", "--margin=0.03", "--guardrail=watched_ctr=0.1",
    )  # fmt: skip
    kept = Experiment.objects.get()
    assert (kept.stopping_rule, kept.planned_days, kept.planned_views) == (
        "group_sequential", 14, 90_000,
    )  # fmt: skip
    assert (kept.looks, kept.level, kept.margin) == (3, 0.9, 0.03)
    assert kept.guardrails == {"watched_ctr": 0.1}


def test_an_experiment_may_have_no_planned_end() -> None:
    make_video("whole")
    call_command(*TWO, "--open-ended")
    kept = Experiment.objects.get()
    assert (kept.planned_days, kept.planned_end) == (None, None)
    assert kept.guardrails == {"watched_ctr": 0.05}


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([*START, "--arm", "GEVADEN"], "must look like NAME=SELECTOR"),
        ([*START, "--arm", "GEVADEN=gevaden:many"], "weight 'many', must be a number"),
        ([*TWO, "--layer", "front:0.5"], "must look like NAME:0:0.5"),
        ([*TWO, "--layer", "front:0.5:x"], "must look like NAME:0:0.5"),
        ([*TWO, "--guardrail", "watched_ctr"], "must look like METRIC=0.05"),
        ([*TWO, "--guardrail", "watched_ctr=much"], "margin 'much', must be a number"),
        ([*TWO, "--guardrail", "bytes=0.1"], "must name only watched_ctr"),
        ([*TWO, "--open-ended", "--stopping-rule", "fixed_horizon"], "planned_days is empty"),
        (START, "number of arms == 1"),
        (TWO, "no video of a has a thumbnail for every arm"),
    ],
)
def test_what_cannot_be_meant_is_refused(argv: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command(*argv)
    assert not Experiment.objects.exists()
