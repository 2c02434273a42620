"""`manage.py export_counts SLUG FILE`: count an experiment's events by everything at once."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.errors import ArchiveError, EventsError
from experiments.events.transfer.export_counts import export_counts
from experiments.management.command import OwnCommand
from experiments.models import Experiment


class Command(OwnCommand):
    """Count, write, and say how many rows."""

    help = (
        "Count an experiment's events by hour, phase, arm, video, band of positions, device and "
        "flags, as CSV, Parquet or JSON lines."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the experiment and the file."""
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)

    def handle(self, *, slug: str, file: Path, **_: object) -> None:
        """Export them."""
        try:
            written = export_counts(Experiment.objects.get(slug=slug), file)
        except Experiment.DoesNotExist as error:
            raise CommandError(f"no experiment has the slug {slug!r}") from error
        except (ArchiveError, EventsError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{written} rows written to {file}")
