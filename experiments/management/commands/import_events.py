"""`manage.py import_events FILE`: store a file's events, with the checks of the beacon's door."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.errors import ArchiveError, EventsError
from experiments.events.receipts import Receipt
from experiments.events.transfer.import_events import import_events
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Import, and say what was refused."""

    help = "Import events from CSV, Parquet or JSON lines; docs/events.md has the columns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: object) -> None:
        """Import it; parts that are stored stay stored where a later part cannot be read."""
        try:
            receipt = import_events(file, self._tell)
        except (ArchiveError, EventsError) as error:
            raise CommandError(
                f"{error}; what came before is stored: mend it and run again"
            ) from error
        for reason, events in sorted(receipt.rejected.items()):
            self.stdout.write(f"{events} refused, {reason}: for one {receipt.samples[reason]}")

    def _tell(self, receipt: Receipt) -> None:
        self.stdout.write(
            f"{receipt.accepted} stored, {receipt.duplicate} were there, "
            f"{receipt.rejected.total()} refused"
        )
