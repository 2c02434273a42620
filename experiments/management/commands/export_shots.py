"""`manage.py export_shots SLUG FILE`: write what each GIF of an experiment has won."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.analysis.shot_evidence import export_shots
from experiments.management.command import OwnCommand
from experiments.models import Experiment


class Command(OwnCommand):
    """Export, and say how many, and what was left out."""

    help = "Write the shots, views and clicks of an experiment's GIFs as JSON lines, to train on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the experiment and the file."""
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)

    def handle(self, *, slug: str, file: Path, **_: object) -> None:
        """Export them."""
        try:
            exported = export_shots(Experiment.objects.get(slug=slug), file)
        except Experiment.DoesNotExist as error:
            raise CommandError(f"no experiment has the slug {slug!r}") from error
        for reason, count in exported.left_out.items():
            self.stdout.write(f"  left out: {count} {reason}")
        self.stdout.write(f"{exported.written} GIFs written to {file}")
