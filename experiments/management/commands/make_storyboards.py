"""`manage.py make_storyboards`: ask the workers for the storyboards that players show."""

from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from experiments.making.storyboard_steps import lacks_storyboard
from experiments.models import Video
from experiments.tasks import make_storyboard


class Command(BaseCommand):
    """Queue a task for every ready video without an up-to-date storyboard."""

    help = "Queue the making of storyboards, pictures over a player's time line, that are missing."

    def handle(self, **_: object) -> None:
        """Go through the library."""
        count = 0
        ready = Video.objects.filter(state=Video.State.READY).exclude(file="")
        for video in ready.prefetch_related("thumbnails").iterator(chunk_size=500):
            if lacks_storyboard(video):
                count += 1
                try:
                    make_storyboard.delay(video.pk)
                except OperationalError as error:
                    raise CommandError(f"the workers could not be told: {error}") from error
        self.stdout.write(f"storyboards queued: {count}")
