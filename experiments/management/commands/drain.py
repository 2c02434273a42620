"""`manage.py drain`: move events from the event log into the store, once or on and on."""

import time
from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.db import connection

from experiments import heartbeat
from experiments.database_away import DATABASE_AWAY
from experiments.errors import NotReadyError
from experiments.events.draining import Drained, drain_block
from experiments.events.event_log import EventLog, event_log
from experiments.management.command import OwnCommand

AWAY = (NotReadyError, *DATABASE_AWAY)
LOOK_AGAIN_S = 1.0


class Command(OwnCommand):
    """Drain, and say what was stored."""

    help = "Store what is in the event log. Killed and started again, it loses and repeats nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the seconds between two looks."""
        parser.add_argument("--every", type=float, default=0.0, metavar="SECONDS",
                            help="go on until stopped, with so many seconds between")  # fmt: skip

    def handle(self, *, every: float, **_: object) -> None:
        """Drain all there is, and again while asked to."""
        log = event_log()
        if log is None:
            raise CommandError("COVERLIFT_EVENT_LOG names no event log: events are stored at once")
        if every <= 0:
            try:
                self._empty(log)
            except AWAY as error:
                raise CommandError(str(error)) from error
        while every > 0:
            self._empty_in_time(log)
            heartbeat.touch()
            time.sleep(every)

    def _empty_in_time(self, log: EventLog) -> None:
        """Drain all there is; what is away is waited for."""
        try:
            self._empty(log)
        except AWAY as error:
            self.stderr.write(f"events wait in the log: {error}")
            connection.close()
            time.sleep(LOOK_AGAIN_S)

    def _empty(self, log: EventLog) -> None:
        while (drained := drain_block(log)) is not None:
            self.stdout.write(_said(drained))
            heartbeat.touch()


def _said(drained: Drained) -> str:
    refused = f", {drained.taken:,} of another's impression" if drained.taken else ""
    return f"stored {drained.new:,} of {drained.events:,} events{refused}"
