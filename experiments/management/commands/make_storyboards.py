"""`manage.py make_storyboards`: ask the workers for the storyboards that players show."""

from django.core.management.base import CommandError
from kombu.exceptions import OperationalError

from experiments.making import storyboard_steps
from experiments.management.command import OwnCommand
from experiments.tasks import make_storyboards


class Command(OwnCommand):
    """Start the making of all storyboards that are missing or out of date."""

    help = "Let workers make the storyboards, pictures over a player's time line, that are missing."

    def handle(self, **_: object) -> None:
        """Go through the library."""
        count = sum(1 for _ in storyboard_steps.lacking())
        if count:
            try:
                make_storyboards.delay()
            except OperationalError as error:
                raise CommandError(f"the workers could not be told: {error}") from error
        self.stdout.write(f"storyboards to make: {count}")
