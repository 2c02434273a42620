"""`manage.py decide_experiment SLUG`: ship what an ended experiment found, or take that back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from experiments.analysis.report.build import build
from experiments.analysis.videos.build import build_videos
from experiments.choice import Choice
from experiments.deciding import map_of_videos
from experiments.deciding.decide import decide
from experiments.deciding.recommendation import recommend
from experiments.errors import ExperimentError
from experiments.management.arguments import add_why, experiment_called
from experiments.management.command import OwnCommand
from experiments.models import Experiment
from experiments.serving import decision


class Command(OwnCommand):
    """Parse, decide, say what is shipped."""

    help = (
        "Decide what an ended experiment's videos show from now on; the feed follows within 5 s. "
        "Without a choice: say what is recommended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment and one choice."""
        parser.add_argument("slug")
        choices = parser.add_mutually_exclusive_group()
        choices.add_argument("--ship", metavar="ARM", help="one arm, for every video")
        choices.add_argument("--ship-map", action="store_const", const=Choice.MAP, dest="choice",
                             help="of each video the arm that is best for it")  # fmt: skip
        choices.add_argument("--keep-control", action="store_const", const=Choice.CONTROL,
                             dest="choice", help="show the control")  # fmt: skip
        choices.add_argument("--take-back", action="store_true", help="undo the decision")
        parser.add_argument(
            "--holdback", type=float, default=decision.HOLDBACK,
            help=f"share that sees what is not shipped, so that it is measured on; from 0 to "
            f"{decision.MOST_HELD_BACK}, {decision.HOLDBACK} unless said",
        )  # fmt: skip
        add_why(parser)

    def handle(
        self, *, slug: str, ship: str | None, choice: Choice | None, take_back: bool,
        holdback: float, why: str, **_: Any,
    ) -> None:  # fmt: skip
        """Decide it."""
        experiment = experiment_called(slug)
        choice = Choice.ARM if ship else choice
        try:
            if take_back:
                decision.take_back(experiment, why=why)
                told = "the decision is taken back"
            elif choice is None:
                told = _recommended(experiment)
            else:
                made = decide(experiment, choice, arm=ship or "", holdback=holdback, why=why)
                told = decision.said(made)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{slug}: {told}")


def _recommended(experiment: Experiment) -> str:
    found = map_of_videos.map_of_videos(build_videos(experiment))
    recommended = recommend(build(experiment)).sentence
    return f"{recommended}\nThe map: {map_of_videos.said(found)}"
