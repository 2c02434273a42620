"""`manage.py start_experiment SLUG --arm NAME=SELECTOR ...`: start one over all ready videos."""

from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError

from experiments.errors import ExperimentError
from experiments.launch import ArmPlan, is_running, launch


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
            "--once", action="store_true", help="leave a running experiment of this slug as it is"
        )

    def handle(
        self,
        *,
        slug: str,
        name: str,
        arms: list[ArmPlan],
        question: str,
        simulated: str,
        once: bool,
        **_: object,
    ) -> None:
        """Start it."""
        if once and is_running(slug):
            self.stdout.write(slug)
            return
        try:
            experiment = launch(slug, name, arms, question=question, simulated=simulated)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(experiment.slug)
