"""`manage.py report SLUG`: what an experiment has found so far."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from experiments.analysis.confidence_sequences import course
from experiments.analysis.counts_table import as_parquet
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_json
from experiments.analysis.report.table import as_table
from experiments.analysis.report.text import as_text
from experiments.analysis.report.without_crossed import build_without_crossed
from experiments.analysis.stats.errors import StatsError
from experiments.analysis.videos import document, text
from experiments.analysis.videos.build import build_videos
from experiments.analysis.videos.table import as_map
from experiments.analysis.videos.table import as_table as as_videos_table
from experiments.errors import CoverliftError
from experiments.management.command import OwnCommand
from experiments.models import Experiment
from server.pages.exports import as_html

FORMS = {
    "json": "the document of the API",
    "csv": "the table for spreadsheets",
    "html": "one file that opens anywhere, charts and all",
    "map": "with --videos: the arm to ship for each video, as CSV",
}
FORMATS = {"text": as_text, "json": as_json, "csv": as_table}
VIDEO_FORMATS = {
    "text": text.as_text, "json": document.as_json, "csv": as_videos_table, "map": as_map,
}  # fmt: skip


class Command(OwnCommand):
    """Print the report of one experiment."""

    help = "Print an experiment's report: Table 3 with intervals and p-values."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the experiment, the form and what it is of."""
        parser.add_argument("slug", help="the experiment's slug, as in its address")
        forms = parser.add_mutually_exclusive_group()
        for form, said in FORMS.items():
            forms.add_argument(
                f"--{form}", dest="form", action="store_const", const=form, help=said
            )
        forms.add_argument(
            "--parquet", metavar="FILE", type=Path, help="every count by day, into a file"
        )
        parser.set_defaults(form="text")
        parser.add_argument(
            "--videos", action="store_true",
            help="every video by itself: its lift, and the arm to ship",
        )  # fmt: skip
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
            if options["parquet"]:
                options["parquet"].write_bytes(as_parquet(experiment))
                return
            found = _said(experiment, **options)
        except (CoverliftError, StatsError) as error:
            raise CommandError(f"{slug} cannot be reported on: {error}") from error
        self.stdout.write(found, ending="")


def _said(experiment: Experiment, **options: Any) -> str:
    form = options["form"]
    if options["videos"]:
        return _form(VIDEO_FORMATS, form)(build_videos(experiment))
    if options["without_crossed"]:
        return _form(FORMATS, form)(build_without_crossed(experiment, at_any_size=True))
    if form == "html":
        return as_html(experiment)
    if form == "json":
        report = build(experiment)
        return as_json(report, course(experiment, report))
    return _form(FORMATS, form)(build(experiment))


def _form(forms: Mapping[str, Callable[[Any], str]], name: str) -> Callable[[Any], str]:
    if name not in forms:
        known = ", ".join(f"--{form}" for form in forms if form != "text")
        raise CommandError(f"--{name} is not for this report: must be one of {known}, or none")
    return forms[name]
