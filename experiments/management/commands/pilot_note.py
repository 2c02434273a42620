"""`manage.py pilot_note`: write the research note on the pilot, with its figures."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.analysis.report.build import build
from experiments.errors import NoteError
from experiments.management.command import OwnCommand
from experiments.models import Experiment
from experiments.studies.pilot_note.drawing import as_svgs
from experiments.studies.pilot_note.figures import figures
from experiments.studies.pilot_note.findings import find
from experiments.studies.pilot_note.text import as_markdown
from experiments.unit import Unit


class Command(OwnCommand):
    """Compute, draw, write."""

    help = "Write the research note on a replica of the pilot: note.md and its figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the replica, the folder, and how much to simulate."""
        parser.add_argument("--slug", default="pilot-replica")
        parser.add_argument("--out", type=Path, default=Path("docs/pilot"))
        parser.add_argument(
            "--repetitions", type=int, default=1000, help="null experiments for each rate"
        )
        parser.add_argument("--seed", type=int, default=20210202)

    def handle(self, *, slug: str, out: Path, repetitions: int, seed: int, **_: object) -> None:
        """Write note.md and one SVG a figure into the folder."""
        experiment = Experiment.objects.filter(slug=slug).first()
        if experiment is None:
            raise CommandError(f"there is no experiment {slug!r}: `replicate_pilot` makes one")
        if repetitions < 1:
            raise CommandError(f"repetitions == {repetitions}, must be at least 1")
        try:
            found = find(
                build(experiment), Unit(experiment.unit), repetitions=repetitions, seed=seed
            )
            drawn = figures(found)
            pictures = as_svgs([each.figure for each in drawn])
        except NoteError as error:
            raise CommandError(str(error)) from error
        out.mkdir(parents=True, exist_ok=True)
        for each, picture in zip(drawn, pictures, strict=True):
            (out / f"{each.name}.svg").write_text(picture, encoding="utf-8")
        (out / "note.md").write_text(as_markdown(found, drawn), encoding="utf-8")
        self.stdout.write(f"{out / 'note.md'} and {len(pictures)} figures written")
