"""`manage.py make_thumbnails`: hand the work to the workers, and show how far it is."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence

from django.core.management.base import CommandError
from kombu.exceptions import OperationalError
from tqdm import tqdm

from experiments.making import jobs
from experiments.management.command import OwnCommand
from experiments.models import Video
from experiments.tasks import make_thumbnails

LOOK_EVERY_S = 0.3


class Command(OwnCommand):
    """Queue a task for every video that lacks thumbnails; with --wait, follow them."""

    help = "Queue the making of thumbnails for every video that lacks some; run again, it resumes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer to wait, to stop, and to take in what failed or is outdated."""
        parser.add_argument("--wait", action="store_true", help="until a worker has made them all")
        parser.add_argument("--stop", action="store_true", help="take what waits out of the queue")
        parser.add_argument(
            "--retry-failed", nargs="?", const="", metavar="REASON",
            help="queue failed videos too, or those alone that failed for a reason, as time_limit",
        )  # fmt: skip
        parser.add_argument(
            "--first", nargs="+", default=(), metavar="SLUG", help="make these before all else"
        )
        parser.add_argument(
            "--outdated",
            action="store_true",
            help="queue, behind all else, what another model or encoder made, or what lacks a "
            "format; videos that a running experiment shows are left",
        )
        parser.add_argument(
            "--stalled-after-s", type=float, default=300.0, help="give up when nothing ends so long"
        )

    def handle(
        self,
        *,
        wait: bool,
        stop: bool,
        retry_failed: str | None,
        first: Sequence[str],
        outdated: bool,
        stalled_after_s: float,
        **_: object,
    ) -> None:
        """Queue, and wait if asked to."""
        if stop:
            self.stdout.write(f"{jobs.stop()} videos taken out of the queue")
            return
        if retry_failed is not None:
            reason = {"error_code": retry_failed} if retry_failed else {}
            jobs.retry(Video.objects.filter(**reason))
        if outdated:
            self._renew()
        count = jobs.resume()
        jobs.prioritise(Video.objects.filter(slug__in=first), Video.Urgency.PERSON)
        self._send(count)
        self.stdout.write(f"{count} videos queued")
        if wait:
            self._follow(stalled_after_s)

    def _renew(self) -> None:
        queued, left = jobs.renew_outdated()
        self.stdout.write(f"{queued} videos have outdated thumbnails")
        if left:
            self.stdout.write(f"{left} more do, but a running experiment shows them: end it first")

    def _send(self, count: int) -> None:
        try:
            for _ in tqdm(range(count), unit="task", desc="queue", disable=count < 1000):
                make_thumbnails.delay()
        except OperationalError as error:
            raise CommandError(f"the broker of tasks cannot be reached: {error}") from error

    def _follow(self, stalled_after_s: float) -> None:
        """Show progress until none is unfinished, then name what failed."""
        unfinished = Video.objects.filter(state__in=jobs.UNFINISHED)
        ids = list(unfinished.values_list("pk", flat=True))
        last_change = time.monotonic()
        with tqdm(total=len(ids), unit="video", desc="thumbnails") as bar:
            while (left := unfinished.filter(pk__in=ids).count()) > 0:
                if bar.total - left != bar.n:
                    bar.update(bar.total - left - bar.n)
                    last_change = time.monotonic()
                if time.monotonic() - last_change > stalled_after_s:
                    raise CommandError(
                        f"{left} videos are still unfinished and none ended for "
                        f"{stalled_after_s:.0f} s: is a worker running? (`make serve` starts one)"
                    )
                time.sleep(LOOK_EVERY_S)
            bar.update(bar.total - bar.n)
        for video in Video.objects.filter(pk__in=ids, state=Video.State.FAILED):
            self.stderr.write(f"  {video.slug}: {video.error_code}: {video.error_message}")
