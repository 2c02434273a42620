"""`manage.py change_experiment SLUG`: weights, ramp, drop, add, extend, pause or resume."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from experiments.errors import ExperimentError
from experiments.management.arguments import add_why, arm_design, arm_weight, experiment_called
from experiments.management.command import OwnCommand
from experiments.models import Experiment
from experiments.serving import allocation_phases, lifecycle

ACTS = ("drop", "add", "extend", "pause", "resume")


class Command(OwnCommand):
    """Parse, change, say what holds now."""

    help = (
        "Change a running experiment, one act a call: as few viewers as possible see another arm "
        "than before. --weight and --ramp go together."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment and what is to change."""
        parser.add_argument("slug")
        parser.add_argument(
            "--weight", action="append", type=arm_weight, default=[], dest="weights",
            metavar="ARM=WEIGHT", help="once for every arm, by name; 0 drops it",
        )  # fmt: skip
        add_why(parser)
        parser.add_argument("--ramp", type=float, help="share of the units that take part, 0 to 1")
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--drop", metavar="ARM", help="give the arm no weight from now on")
        acts.add_argument("--add", type=arm_design, metavar="NAME=SELECTOR[:WEIGHT]",
                          help="let an arm join")  # fmt: skip
        acts.add_argument("--extend", type=int, metavar="DAYS", help="put the planned end off")
        acts.add_argument("--pause", action="store_true", help="serve no arm for a while")
        acts.add_argument("--resume", action="store_true", help="go on; all have their arms again")

    def handle(self, *, slug: str, **options: Any) -> None:
        """Change it."""
        experiment = experiment_called(slug)
        try:
            _act(experiment, **options)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_told(experiment))


def _act(
    experiment: Experiment,
    *,
    weights: list[tuple[str, float]],
    ramp: float | None,
    why: str,
    **acts: Any,
) -> None:
    act = next((name for name in ACTS if acts[name]), None)
    if act and (weights or ramp is not None):
        raise CommandError(f"--{act} is an act of its own: give --weight and --ramp without it")
    if act is None:
        lifecycle.change(experiment, weights=_once_each(weights), ramp=ramp, why=why)
    elif act == "drop":
        lifecycle.drop(experiment, acts["drop"], why=why)
    elif act == "add":
        lifecycle.add_arm(experiment, acts["add"], why=why)
    elif act == "extend":
        lifecycle.extend(experiment, acts["extend"], why=why)
    elif act == "pause":
        lifecycle.pause(experiment, why=why)
    else:
        lifecycle.resume(experiment, why=why)


def _once_each(weights: list[tuple[str, float]]) -> dict[str, float] | None:
    if len(weights) > len(dict(weights)):
        raise CommandError("--weight names an arm twice: name each once")
    return dict(weights) or None


def _told(experiment: Experiment) -> str:
    """Return the state, and the shares of the latest phase."""
    phase = allocation_phases.current(experiment)
    shares = phase.cells.order_by("arm__index").values_list("arm__name", "share")
    told = ", ".join(f"{name} {share:.1%}" for name, share in shares)
    state = f"{experiment.slug} is {experiment.state}"
    return f"{state}, phase {phase.number}: ramp {phase.ramp:g}; {told}"
