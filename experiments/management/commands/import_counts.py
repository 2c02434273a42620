"""`manage.py import_counts FILE`: analyse thousands of tests that are over, from their counts."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.analysis.stats.errors import StatsError
from experiments.errors import CountsError
from experiments.management.command import OwnCommand
from experiments.studies.historical.analysis import analyse
from experiments.studies.historical.columns import Columns
from experiments.studies.historical.document import as_json
from experiments.studies.historical.page import as_html
from experiments.studies.historical.reading import read_counts
from experiments.studies.historical.text import as_text

ROLES = ("test", "arm", "impressions", "clicks", "date", "weight")


class Command(OwnCommand):
    """Read, analyse, print."""

    help = "Analyse historical tests from a text or Parquet file of counts; docs/historical.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, its columns where their names are unusual, and what to write."""
        parser.add_argument("file", type=Path)
        for role in ROLES:
            parser.add_argument(f"--{role}", default="", metavar="COLUMN", help=f"holds the {role}")
        parser.add_argument(
            "--creative", default="", metavar="COLUMNS", help="what was shown; several by commas"
        )
        parser.add_argument(
            "--row-is-arm", action="store_true", help="each row is an arm of its own"
        )
        parser.add_argument(
            "--control",
            default="",
            metavar="ARM",
            help="name of the control; else an arm called control, baseline, original or raw, "
            "else the first",
        )
        parser.add_argument("--seed", type=int, default=0, help="of the shuffles")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write everything here, too")
        parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts")

    def handle(self, *, file: Path, json: Path | None, html: Path | None, control: str, seed: int,
               creative: str, row_is_arm: bool, **options: str) -> None:  # fmt: skip
        """Analyse the file; the JSON document holds every test, arm and refused row."""
        columns = Columns(
            **{role: options[role] for role in ROLES},
            creative=tuple(name.strip() for name in creative.split(",") if name.strip()),
            row_is_arm=row_is_arm,
        )
        try:
            reading = read_counts(file, columns)
            analysis = analyse(reading.archive, control=control, seed=seed)
        except (CountsError, StatsError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(as_text(reading, analysis), ending="")
        if json:
            json.write_text(as_json(reading, analysis), encoding="utf-8")
            self.stdout.write(f"\nEverything is in {json}")
        if html:
            html.write_text(as_html(reading, analysis, file.name), encoding="utf-8")
            self.stdout.write(f"\nThe page is {html}")
        if reading.too_many_refused:
            raise CommandError(
                f"{len(reading.refused):,} of {reading.rows:,} rows are refused, more than one in "
                "ten: the others may not stand for the file"
            )
