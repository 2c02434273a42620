"""`manage.py export_events SLUG FILE`: write an experiment's events."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.errors import ArchiveError, EventsError
from experiments.events.transfer.export_events import export_events
from experiments.management.command import OwnCommand
from experiments.models import Experiment


class Command(OwnCommand):
    """Export, and say how many."""

    help = "Write an experiment's events as CSV, Parquet or JSON lines, in the order of time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the experiment and the file."""
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)

    def handle(self, *, slug: str, file: Path, **_: object) -> None:
        """Export them."""
        try:
            written = export_events(Experiment.objects.get(slug=slug), file)
        except Experiment.DoesNotExist as error:
            raise CommandError(f"no experiment has the slug {slug!r}") from error
        except (ArchiveError, EventsError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{written} events written to {file}")
