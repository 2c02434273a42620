"""`manage.py archive`: move old days of events to files, or bring them back."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import date

from django.core.management.base import CommandError

from experiments.errors import ArchiveError
from experiments.events.archive import archive_day, due_days, restore_day
from experiments.events.archived_days import archived_between
from experiments.events.keys import date_of, day_of
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Archive what is due, or restore days, and say of each what became of it."""

    help = (
        "Move days of events that are older than COVERLIFT_KEEP_EVENTS_DAYS to Parquet files, each "
        "checked against its counts, which stay. It may be stopped and run again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is to be done."""
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--list", action="store_true", help="say which days are archived")
        acts.add_argument(
            "--restore", nargs="+", metavar="DAY", type=date.fromisoformat,
            help="bring back one day, or all from the first to the second",
        )  # fmt: skip

    def handle(self, *, list: bool, restore: Sequence[date] | None, **_: object) -> None:  # noqa: A002
        """Do it."""
        if list:
            for found in archived_between():
                since = f"{found.archived_at:%Y-%m-%d}"
                self.stdout.write(f"{found.day}: {found}, archived {since}")
        elif restore:
            self._each(_archived(restore), _restored)
        else:
            self._each(due_days(), lambda day: str(archive_day(day)))

    def _each(self, days: Sequence[int], act: Callable[[int], str]) -> None:
        """Do each day's part; one that cannot be done now keeps none of the others back."""
        failures = 0
        for day in days:
            try:
                self.stdout.write(f"{date_of(day)}: {act(day)}")
            except ArchiveError as error:
                failures += 1
                self.stderr.write(str(error))
        if failures:
            raise CommandError(f"{failures} of {len(days)} days are as they were")
        self.stdout.write(f"{len(days)} days done")


def _restored(day: int) -> str:
    return f"{restore_day(day):,} events are back; the next rollup counts them anew"


def _archived(bounds: Sequence[date]) -> list[int]:
    """Return the archived days from the first to the last of the bounds."""
    if len(bounds) > 2 or bounds[0] > bounds[-1]:
        raise CommandError("--restore takes one day, or the first and the last, in order")
    days = archived_between(bounds[0], bounds[-1])
    if not days:
        raise CommandError(f"no day from {bounds[0]} to {bounds[-1]} is archived")
    return [day_of(found.day) for found in days]
