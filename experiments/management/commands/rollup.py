"""`manage.py rollup`: bring the counts up to date, once or every few seconds."""

import time
from argparse import ArgumentParser

from experiments.events.rollup import roll_up
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Roll up and say what was counted."""

    help = "Count new events by day, hour, arm and video. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the seconds between two rollups."""
        parser.add_argument("--every", type=float, default=0.0, metavar="SECONDS",
                            help="go on until stopped, with so many seconds between")  # fmt: skip

    def handle(self, *, every: float, **_: object) -> None:
        """Roll up, and again while asked to."""
        self._roll_up()
        while every > 0:
            time.sleep(every)
            self._roll_up()

    def _roll_up(self) -> None:
        result = roll_up()
        self.stdout.write(f"counted {result.hours} hours of {result.days} days anew")
