"""`manage.py two_way SLUG`: compute the error by viewer and video at once, for reports."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from experiments.analysis import two_way
from experiments.analysis.stats.errors import StatsError
from experiments.errors import ArchiveError
from experiments.management.command import OwnCommand
from experiments.models import Experiment


class Command(OwnCommand):
    """Compute, keep, and say what it cost."""

    help = "Compute an experiment's two-way error from its events; minutes at a full-size study."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment."""
        parser.add_argument("slug")

    def handle(self, *, slug: str, **_: object) -> None:
        """Compute it of the events as they are."""
        experiment = Experiment.objects.filter(slug=slug).first()
        if experiment is None:
            raise CommandError(f"slug == {slug!r}, must be an experiment's")
        try:
            found = two_way.compute(experiment.pk)
        except (ArchiveError, StatsError) as error:
            raise CommandError(f"{slug}: {error}") from error
        if found is None:
            raise CommandError(f"{slug}: another process is computing it; its result will be kept")
        self.stdout.write(
            f"{slug}: {found.sums:,} sums by viewer, video and arm in {found.took_s:.1f} s"
        )
