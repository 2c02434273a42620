"""`manage.py export_annotations FOLDER`: write the GIFs that all annotators accepted."""

from argparse import ArgumentParser
from pathlib import Path

from experiments.annotation.desk import agreements
from experiments.annotation.export import export_annotations
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Export, and say how many, and how far the annotators agree."""

    help = "Write unanimously accepted GIFs and comments in the GIF Thumbnails paper's JSON format."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **_: object) -> None:
        """Export them."""
        written = export_annotations(folder)
        for pair in agreements():
            kappa = pair.kappa
            told = kappa.reason or f"95 % interval {kappa.low:.2f} to {kappa.high:.2f}"
            self.stdout.write(
                f"  {pair.one} and {pair.other}: {pair.both} judged by both, "
                f"Cohen's kappa {kappa.value:.2f} ({told})"
            )
        self.stdout.write(f"{written} GIFs written to {folder}")
