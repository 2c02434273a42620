"""`manage.py start_experiment SLUG --arm NAME=SELECTOR ...`: start one over all ready videos."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.errors import ExperimentError
from experiments.management.arguments import arm_design, layer_slice
from experiments.serving.design import ArmDesign, Design
from experiments.serving.lifecycle import free_slug, is_live, launch
from experiments.serving.overlaps import warnings

DEFAULT = Design(slug="", name="", arms=())


class Command(BaseCommand):
    """Parse, launch, print the slug that it got."""

    help = "Start an experiment over every video that has a thumbnail for each arm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment and its arms, the control first."""
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--arm", action="append", type=arm_design, required=True, dest="arms",
            metavar="NAME=SELECTOR[:WEIGHT]", help="once for every arm, the control first",
        )  # fmt: skip
        parser.add_argument("--question", default="")
        parser.add_argument("--simulated", default="", help="how the traffic is made, if it is")
        parser.add_argument("--unit", default=DEFAULT.unit, help="what keeps its arm")
        parser.add_argument("--ramp", type=float, default=1.0, help="share that takes part")
        parser.add_argument(
            "--holdback", type=float, default=DEFAULT.holdback, help="share that never takes part"
        )
        parser.add_argument(
            "--layer", type=layer_slice, default={}, metavar="NAME:FROM:TO",
            help="the slice of a layer's viewers; slices of two experiments must not overlap",
        )  # fmt: skip
        parser.add_argument("--min-views", type=int, default=DEFAULT.min_views)
        parser.add_argument(
            "--once", action="store_true", help="leave a live experiment of this slug as it is"
        )

    def handle(
        self, *, slug: str, name: str, arms: list[ArmDesign], ramp: float, once: bool,
        layer: dict[str, Any], **options: Any,
    ) -> None:  # fmt: skip
        """Start it."""
        if once and is_live(slug):
            self.stdout.write(slug)
            return
        same = {key: options[key] for key in ("question", "simulated", "unit", "holdback")}
        design = Design(
            free_slug(slug), name, tuple(arms), min_views=options["min_views"], **same, **layer
        )
        try:
            experiment = launch(design, ramp=ramp)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        for warning in warnings(experiment):
            self.stderr.write(f"Warning: {warning}")
        self.stdout.write(experiment.slug)
