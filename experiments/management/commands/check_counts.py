"""`manage.py check_counts`: count anew from the events and compare with what is kept."""

from argparse import ArgumentParser
from collections.abc import Sequence

from django.core.management.base import CommandError

from experiments.events.count_check import archived_days, check, check_sample, counted_days
from experiments.events.count_tables import Difference
from experiments.management.command import OwnCommand

SHOWN = 20


class Command(OwnCommand):
    """Compare, and fail loudly where a count differs."""

    help = "Recompute counts from events and compare; exit 1 where one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many cells to check."""
        parser.add_argument(
            "--sample", type=int, metavar="CELLS",
            help="check so many random cells (a day's counts of one video in one arm), not all",
        )  # fmt: skip
        parser.add_argument("--seed", type=int, default=0, help="of the random cells")

    def handle(self, *, sample: int | None, seed: int, **_: object) -> None:
        """Check all counts, or some."""
        if sample is None:
            days = counted_days()
            archived = archived_days() & set(days)
            if archived:
                self.stdout.write(f"{len(archived)} days passed over: their events are archived")
            self._tell(f"{len(days) - len(archived)} days", check(days))
        elif sample < 1:
            raise CommandError(f"sample == {sample}, must be at least 1")
        else:
            cells, differences = check_sample(sample, seed)
            self._tell(f"{cells} random cells", differences)

    def _tell(self, checked: str, differences: Sequence[Difference]) -> None:
        for difference in differences[:SHOWN]:
            self.stdout.write(f"{difference.table} count, only {difference.side}: {difference.row}")
        if differences:
            raise CommandError(f"{len(differences)} rows differ between counts and events")
        self.stdout.write(f"{checked} checked: every count is that of its events")
