"""`manage.py check_experiment SLUG`: the checklist of a draft before its launch."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from experiments.management.arguments import experiment_called
from experiments.management.command import OwnCommand
from experiments.planning.checklist import Level, checklist


class Command(OwnCommand):
    """Look, tell, and fail where the start would be refused."""

    help = "Tell what stands against a draft's launch; exit 1 where it would be refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the draft."""
        parser.add_argument("slug")

    def handle(self, *, slug: str, **_: object) -> None:
        """Tell every point."""
        points = checklist(experiment_called(slug))
        for point in points:
            self.stdout.write(f"{point.level}: {point.about}: {point.says}")
        if blocking := sum(point.level is Level.BLOCKING for point in points):
            raise CommandError(f"{blocking} of {len(points)} points block the launch")
