"""`manage.py replicate_pilot`: the paper's pilot, drawn into the event tables and counted."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError
from tqdm import tqdm

from experiments.analysis.report.build import build
from experiments.analysis.report.text import as_text
from experiments.errors import ExperimentError
from experiments.management.command import OwnCommand
from experiments.paper import PILOT_VIDEOS
from experiments.studies import replica
from experiments.studies.simulation.catalogue import (
    CatalogueEntry,
    CatalogueError,
    drawn_catalogue,
    read_catalogue,
)


class Command(OwnCommand):
    """Draw, write and count day by day, then print Table 3 beside the paper's."""

    help = (
        "Replicate the paper's pilot, 9,814 videos over 30 days, at a share of its traffic. "
        "Stopped, it goes on where it was when it is run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Choose the size, the seed and the catalogue."""
        parser.add_argument("--scale", type=float, default=0.01, help="1 is 105.5 M impressions")
        parser.add_argument("--seed", type=int, default=20210202)
        parser.add_argument("--slug", default="pilot-replica")
        parser.add_argument(
            "--catalogue", type=Path, help="the published unannotated_data.json; else drawn like it"
        )

    def handle(
        self, *, scale: float, seed: int, slug: str, catalogue: Path | None, **_: object
    ) -> None:
        """Write every day that is not there yet, then count."""
        try:
            entries, origin = self._catalogue(catalogue, seed)
            drawn = replica.prepare(slug, entries, scale=scale, seed=seed, catalogue=origin)
        except (CatalogueError, ExperimentError) as error:
            raise CommandError(str(error)) from error
        try:
            stored, refused = self._write(drawn)
        except DatabaseError as error:
            raise CommandError(
                f"{str(error).strip()}\nWhole days stay as they are: see to the cause (is the disk "
                "full?) and run the same command again, and it goes on with the next day."
            ) from error
        report = build(drawn.experiment)
        self.stdout.write(as_text(report))
        self.stdout.write(
            f"{slug}: {report.views:,} impressions of {len(entries):,} videos counted; this run "
            f"stored {stored:,} events and refused {refused['duplicate']:,} duplicates and "
            f"{refused['no_impression']:,} clicks that name no impression."
        )

    def _write(self, drawn: replica.Replica) -> tuple[int, Counter[str]]:
        """Write and count with a bar of the month's impressions; return what was stored."""
        stored, refused = 0, Counter[str]()
        shares = drawn.month.day_shares
        with tqdm(total=round(drawn.month.views), unit="view", unit_scale=True,
                  desc=drawn.experiment.slug, mininterval=0.5) as bar:  # fmt: skip
            for written, share in zip(replica.write_and_count(drawn), shares, strict=True):
                stored += written.stored
                refused += written.refused
                bar.update(round(drawn.month.views * share))
        return stored, refused

    def _catalogue(self, path: Path | None, seed: int) -> tuple[list[CatalogueEntry], str]:
        if path is None:
            said = "The catalogue is drawn from the published distribution of durations."
            return drawn_catalogue(PILOT_VIDEOS, seed), said
        return read_catalogue(path), "The catalogue is the published one, by id and duration."
