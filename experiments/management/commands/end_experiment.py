"""`manage.py end_experiment SLUG`: stop serving an experiment's arms."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from experiments.errors import ExperimentError
from experiments.models import Experiment
from experiments.serving.lifecycle import end


class Command(BaseCommand):
    """Parse, end, say so."""

    help = "End a running experiment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment."""
        parser.add_argument("slug")

    def handle(self, *, slug: str, **_: object) -> None:
        """End it."""
        experiment = Experiment.objects.filter(slug=slug).first()
        if experiment is None:
            raise CommandError(f"there is no experiment {slug!r}: the console lists them")
        try:
            end(experiment)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{slug} ended")
