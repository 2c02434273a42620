"""`manage.py check_counts`: count days anew from the events and compare with what is kept."""

import random
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from experiments.rollup import check, counted_days

SHOWN = 20


class Command(BaseCommand):
    """Compare, and fail loudly where a count differs."""

    help = "Recompute counts from events and compare; exit 1 where one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many days to check."""
        parser.add_argument("--sample", type=int, metavar="DAYS", help="check so many random days")
        parser.add_argument("--seed", type=int, default=0, help="of the random days")

    def handle(self, *, sample: int | None, seed: int, **_: object) -> None:
        """Check all counted days, or some."""
        days = counted_days()
        if sample is not None and sample < len(days):
            days = random.Random(seed).sample(days, sample)  # noqa: S311  no secret
        differences = check(days)
        for difference in differences[:SHOWN]:
            self.stdout.write(f"{difference.table} count, only {difference.side}: {difference.row}")
        if differences:
            raise CommandError(f"{len(differences)} rows differ between counts and events")
        self.stdout.write(f"{len(days)} days checked: every count is that of its events")
