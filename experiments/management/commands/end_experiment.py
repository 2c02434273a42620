"""`manage.py end_experiment SLUG`: stop serving an experiment's arms."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from experiments.errors import ExperimentError
from experiments.management.arguments import add_why, experiment_called
from experiments.management.command import OwnCommand
from experiments.serving.lifecycle import end


class Command(OwnCommand):
    """Parse, end, say so."""

    help = "End an experiment that runs or is paused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment."""
        parser.add_argument("slug")
        add_why(parser)

    def handle(self, *, slug: str, why: str, **_: object) -> None:
        """End it."""
        try:
            end(experiment_called(slug), why=why)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{slug} ended")
