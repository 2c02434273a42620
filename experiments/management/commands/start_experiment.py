"""`manage.py start_experiment SLUG --arm NAME=SELECTOR ...`: start one over all ready videos."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from experiments.at_end import AtEnd
from experiments.design import FIELDS, ArmDesign, Design
from experiments.errors import ExperimentError
from experiments.management.arguments import add_why, arm_design, guardrail_margin, layer_slice
from experiments.management.command import OwnCommand
from experiments.planning.checklist import warnings
from experiments.serving.lifecycle import free_slug, is_live, launch
from experiments.stopping import StoppingRule

DEFAULT = Design(slug="", name="", arms=())


class Command(OwnCommand):
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
        add_why(parser)
        parser.add_argument("--min-views", type=int, default=DEFAULT.min_views)
        _add_stopping_arguments(parser)
        parser.add_argument(
            "--leave-out-equal", action="store_false", dest="with_equal",
            help="leave out the videos on which two arms show the same shots",
        )  # fmt: skip
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
        given = {key: options[key] for key in FIELDS if key in options}
        given["guardrails"] = dict(given["guardrails"] or DEFAULT.guardrails)
        design = Design(free_slug(slug), name, tuple(arms), **given, **layer)
        try:
            experiment = launch(
                design, ramp=ramp, with_equal=options["with_equal"], why=options["why"]
            )
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        for warning in warnings(experiment):
            self.stderr.write(f"Warning: {warning}")
        self.stdout.write(experiment.slug)


def _add_stopping_arguments(parser: ArgumentParser) -> None:
    """Name what is fixed now about when the numbers may decide."""
    stopping = parser.add_argument_group("stopping", "when the numbers may decide; fixed now")
    stopping.add_argument(
        "--stopping-rule", default=DEFAULT.stopping_rule, metavar="RULE",
        help=f"{', '.join(StoppingRule)}; {DEFAULT.stopping_rule} unless said",
    )  # fmt: skip
    end = stopping.add_mutually_exclusive_group()
    end.add_argument("--days", type=int, dest="planned_days", default=DEFAULT.planned_days,
                     help=f"planned whole days, {DEFAULT.planned_days} unless said")  # fmt: skip
    end.add_argument("--open-ended", action="store_const", const=None, dest="planned_days",
                     help="no planned end")  # fmt: skip
    stopping.add_argument("--views", type=int, dest="planned_views",
                          help="it is at its planned end with so many views, too")  # fmt: skip
    stopping.add_argument(
        "--at-end", default=DEFAULT.at_end, metavar="WHAT",
        help=f"{' or '.join(AtEnd)}: what happens by itself at the planned end",
    )  # fmt: skip
    stopping.add_argument("--looks", type=int, default=DEFAULT.looks,
                          help="of a group-sequential plan")  # fmt: skip
    stopping.add_argument("--level", type=float, default=DEFAULT.level, help="of confidence")
    stopping.add_argument("--margin", type=float, default=DEFAULT.margin,
                          help="a smaller relative difference does not matter")  # fmt: skip
    stopping.add_argument(
        "--guardrail", action="append", type=guardrail_margin, dest="guardrails",
        metavar="METRIC=MARGIN", help="relative change for the worse that is accepted",
    )  # fmt: skip
