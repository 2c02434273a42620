"""`manage.py move_events`: bring events to another store, as COVERLIFT_EVENTS names it now."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import CommandError

from experiments.errors import ArchiveError
from experiments.events.keys import date_of
from experiments.events.moving import move_day
from experiments.events.store import opened, refusal
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Move every day, and say of each how many events it had."""

    help = (
        "Move all events, a day at a time, to the store that COVERLIFT_EVENTS names. Stop the site "
        "and count what waits (rollup) before. It may be stopped and run again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the events are."""
        parser.add_argument(
            "--from", dest="source", metavar="ADDRESS", required=True,
            help="what COVERLIFT_EVENTS was before: postgres, chdb:FOLDER or clickhouse://…",
        )  # fmt: skip

    def handle(self, *, source: str, **_: object) -> None:
        """Move them."""
        if source == settings.EVENTS:
            raise CommandError(f"--from == {source!r}, must be another than COVERLIFT_EVENTS is")
        if refusal(source):
            raise CommandError(refusal(source).replace("COVERLIFT_EVENTS", "--from"))
        old, moved = opened(source), 0
        days = sorted(old.days())
        for day in days:
            try:
                events = move_day(day, old)
            except ArchiveError as error:
                raise CommandError(str(error)) from error
            moved += events
            self.stdout.write(f"{date_of(day)}: {events:,} events")
        self.stdout.write(f"{len(days)} days, {moved:,} events moved; no count changed")
