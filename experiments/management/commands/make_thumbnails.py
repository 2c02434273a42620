"""`manage.py make_thumbnails`: hand the work to the workers, and show how far it is."""

import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError
from tqdm import tqdm

from experiments.models import Video
from experiments.tasks import make_thumbnails

UNFINISHED = (Video.State.WAITING, Video.State.MAKING)


class Command(BaseCommand):
    """Queue a task for every video that lacks thumbnails; with --wait, follow them."""

    help = "Queue the making of thumbnails for every video that lacks some."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer to wait, and to try failed videos again."""
        parser.add_argument("--wait", action="store_true", help="until a worker has made them all")
        parser.add_argument("--retry-failed", action="store_true", help="queue failed videos too")
        parser.add_argument(
            "--stalled-after-s", type=float, default=300.0, help="give up when nothing ends so long"
        )

    def handle(
        self, *, wait: bool, retry_failed: bool, stalled_after_s: float, **_: object
    ) -> None:
        """Queue, and wait if asked to."""
        if retry_failed:
            Video.objects.filter(state=Video.State.FAILED).update(
                state=Video.State.WAITING, attempts=0, error_code="", error_message=""
            )
        ids = list(Video.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True))
        try:
            for video_id in ids:
                make_thumbnails.delay(video_id)
        except OperationalError as error:
            raise CommandError(f"the broker of tasks cannot be reached: {error}") from error
        self.stdout.write(f"{len(ids)} videos queued")
        if wait:
            self._follow(ids, stalled_after_s)

    def _follow(self, ids: list[int], stalled_after_s: float) -> None:
        """Show progress until none is unfinished, then name what failed."""
        last_change = time.monotonic()
        with tqdm(total=len(ids), unit="video", desc="thumbnails") as bar:
            while (left := Video.objects.filter(pk__in=ids, state__in=UNFINISHED).count()) > 0:
                if len(ids) - left != bar.n:
                    bar.update(len(ids) - left - bar.n)
                    last_change = time.monotonic()
                if time.monotonic() - last_change > stalled_after_s:
                    raise CommandError(
                        f"{left} videos are still unfinished and none ended for "
                        f"{stalled_after_s:.0f} s: is a worker running? (`make serve` starts one)"
                    )
                time.sleep(0.3)
            bar.update(len(ids) - bar.n)
        for video in Video.objects.filter(pk__in=ids, state=Video.State.FAILED):
            self.stderr.write(f"  {video.slug}: {video.error_code}: {video.error_message}")
