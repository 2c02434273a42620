"""`manage.py report SLUG`: what an experiment has found so far."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_json
from experiments.analysis.report.text import as_text
from experiments.analysis.report.without_crossed import build_without_crossed
from experiments.analysis.stats.errors import StatsError
from experiments.errors import CoverliftError
from experiments.models import Experiment

FORMATS = {"text": as_text, "json": as_json}


class Command(BaseCommand):
    """Print the report of one experiment."""

    help = "Print an experiment's report: Table 3 with intervals and p-values."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the experiment and the form."""
        parser.add_argument("slug", help="the experiment's slug, as in its address")
        parser.add_argument("--format", choices=sorted(FORMATS), default="text")
        parser.add_argument(
            "--without-crossed", action="store_true",
            help="leave out the units that were seen in two arms; says what that may do",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        """Build the report and print it."""
        slug = options["slug"]
        started = Experiment.objects.exclude(state=Experiment.State.DRAFT)
        experiment = started.filter(slug=slug).first()
        if experiment is None:
            known = ", ".join(started.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"slug == {slug!r}, must be a started experiment's: {known}")
        try:
            report = (
                build_without_crossed(experiment, at_any_size=True)
                if options["without_crossed"]
                else build(experiment)
            )
        except (CoverliftError, StatsError) as error:
            raise CommandError(f"{slug} cannot be reported on: {error}") from error
        self.stdout.write(FORMATS[options["format"]](report), ending="")
