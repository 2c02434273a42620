"""`manage.py flag_bots`: flag viewers who behave as no person does, then count anew."""

from argparse import ArgumentParser

from experiments.events.bots import flag_last_days
from experiments.events.rollup import roll_up
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Look at the days that may still have changed."""

    help = "Flag suspect viewers of the last days (rate, clicks never seen, clicks on all)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how far to look back: events may come late by the lifetime of their tokens."""
        parser.add_argument("--days", type=int, default=3, help="today and the days before")

    def handle(self, *, days: int, **_: object) -> None:
        """Flag and roll up."""
        flagged = flag_last_days(days)
        result = roll_up()
        self.stdout.write(f"{flagged} events flagged, {result.hours} hours counted anew")
