"""`manage.py start_experiment SLUG --arm NAME=SELECTOR ...`: start one over all ready videos."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.errors import ExperimentError
from experiments.serving.lifecycle import ArmPlan, Design, is_running, launch
from experiments.unit import ASSIGNED_UNITS

DEFAULT = Design()


def arm_plan(text: str) -> ArmPlan:
    """Read ``NAME=SELECTOR`` or ``NAME=SELECTOR:WEIGHT``."""
    name, equals, rest = text.rpartition("=")
    selector, _, weight = rest.partition(":")
    if not (equals and name and selector):
        raise ArgumentTypeError(f"{text!r}, must look like NAME=SELECTOR or NAME=SELECTOR:WEIGHT")
    try:
        return ArmPlan(name, selector, float(weight or 1.0))
    except ValueError as error:
        raise ArgumentTypeError(f"weight {weight!r}, must be a number") from error


def layer_slice(text: str) -> tuple[str, float, float]:
    """Read ``NAME:FROM:TO``."""
    name, *ends = text.rsplit(":", 2)
    try:
        lower, upper = map(float, ends)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}, must look like NAME:0:0.5") from error
    return name, lower, upper


class Command(BaseCommand):
    """Parse, launch, print the slug that it got."""

    help = "Start an experiment over every video that has a thumbnail for each arm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment and its arms, the control first."""
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--arm", action="append", type=arm_plan, required=True, dest="arms")
        parser.add_argument("--question", default="")
        parser.add_argument("--simulated", default="", help="how the traffic is made, if it is")
        parser.add_argument(
            "--unit", choices=ASSIGNED_UNITS, default=DEFAULT.unit, help="what keeps its arm"
        )
        parser.add_argument(
            "--ramp", type=float, default=DEFAULT.ramp, help="share that takes part"
        )
        parser.add_argument(
            "--holdback", type=float, default=DEFAULT.holdback, help="share that never takes part"
        )
        parser.add_argument(
            "--layer",
            type=layer_slice,
            default=(DEFAULT.layer, DEFAULT.layer_from, DEFAULT.layer_to),
            metavar="NAME:FROM:TO",
            help="the slice of a layer's viewers; slices of two experiments must not overlap",
        )
        parser.add_argument("--min-views", type=int, default=DEFAULT.min_views)
        parser.add_argument(
            "--once", action="store_true", help="leave a running experiment of this slug as it is"
        )

    def handle(
        self, *, slug: str, name: str, arms: list[ArmPlan], question: str, simulated: str,
        once: bool, **options: Any,
    ) -> None:  # fmt: skip
        """Start it."""
        if once and is_running(slug):
            self.stdout.write(slug)
            return
        layer, layer_from, layer_to = options["layer"]
        try:
            design = Design(
                unit=options["unit"],
                ramp=options["ramp"],
                holdback=options["holdback"],
                layer=layer,
                layer_from=layer_from,
                layer_to=layer_to,
                min_views=options["min_views"],
            )
            experiment = launch(
                slug, name, arms, question=question, simulated=simulated, design=design
            )
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(experiment.slug)
