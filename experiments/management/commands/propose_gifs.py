"""`manage.py propose_gifs FILE`: propose GIFs to judge, from a file of comments."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.annotation.import_comments import propose_from
from experiments.annotation.proposals import PROPOSALS
from experiments.errors import AnnotationError
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Propose, and say how many for each video."""

    help = "Propose GIFs of videos to annotators, from {video: [comments of each second]} as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and how many proposals a video gets."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--proposals", type=int, default=PROPOSALS, help="for each video")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, file: Path, proposals: int, seed: int, **_: object) -> None:
        """Propose them."""
        if proposals < 1:
            raise CommandError(f"--proposals == {proposals}, must be >= 1")
        try:
            proposed = propose_from(file, wanted=proposals, seed=seed)
        except AnnotationError as error:
            raise CommandError(str(error)) from error
        for slug, new in proposed.new.items():
            self.stdout.write(f"  {slug:<32} {new} new")
        for slug, reason in proposed.left_out.items():
            self.stderr.write(f"  {slug:<32} left out: {reason}")
        self.stdout.write(f"{sum(proposed.new.values())} new proposals to judge at /annotate/")
        if not proposed.new:
            raise CommandError(f"none of {len(proposed.left_out)} videos could be used")
