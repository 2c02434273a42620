"""`manage.py replicate_pilot`: the paper's pilot, drawn into the event tables and counted."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from experiments import replica
from experiments.errors import ExperimentError
from experiments.rollup import roll_up
from experiments.simulation.catalogue import (
    PILOT_VIDEOS,
    CatalogueEntry,
    CatalogueError,
    drawn_catalogue,
    read_catalogue,
)


class Command(BaseCommand):
    """Draw, write, roll up; `manage.py report` shows what it gives."""

    help = "Replicate the paper's pilot, 9,814 videos over 30 days, at a share of its traffic."

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
        with tqdm(
            total=round(drawn.month.views), unit="view", unit_scale=True, desc=slug, mininterval=0.5
        ) as bar:
            for impressions in replica.write(drawn):
                bar.update(impressions)
        roll_up()
        self.stdout.write(f"{slug}: {bar.n:,} impressions of {len(entries):,} videos")

    def _catalogue(self, path: Path | None, seed: int) -> tuple[list[CatalogueEntry], str]:
        if path is None:
            said = "The catalogue is drawn from the published distribution of durations."
            return drawn_catalogue(PILOT_VIDEOS, seed), said
        return read_catalogue(path), "The catalogue is the published one, by id and duration."
