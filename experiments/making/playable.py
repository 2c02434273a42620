"""Films that browsers do not play as they came: another is made for the page of the video.

It waits until no thumbnail does, and the table of videos is the queue.
"""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection

from experiments.advisory_locks import PLAYABLE_LOCK
from experiments.making import jobs, site_settings
from experiments.making.child import run_step
from experiments.making.files import local_copy
from experiments.making.thumbnail_steps import known_as
from experiments.models import Video

logger = logging.getLogger(__name__)
PLAYABLE = "playable"  # the folder of those made so far
ENCODING_PER_VIDEO_S = 8.0  # beside STEP_TIME_S, for each second of the video


def make_next() -> bool:
    """Make the film of the video that has waited longest; tell whether there may be another.

    Raises:
        OSError: where the storage is away or full: it is tried again.
        ThumbnailerError: where the installation is at fault.
    """
    if jobs.queue().exists():
        return False
    waiting = Video.objects.filter(state=Video.State.READY, playable__isnull=True).exclude(file="")
    video = waiting.order_by("pk").first()
    if video is None or not _lock():
        return False
    try:
        make(video)
    finally:
        _unlock()
    return True


def make(video: Video) -> None:
    """Make the film where browsers do not play the file; what goes wrong is kept in its place."""
    try:
        video.playable = _made(video)
    except Exception as error:
        if not getattr(error, "is_the_videos_fault", False):
            raise
        logger.warning("%s has no film for browsers: %s", video.slug, error)
        video.playable = {"error": str(error)}
    video.save(update_fields=["playable"])


def _made(video: Video) -> dict[str, str]:
    from thumbnailer import steps

    time_s = settings.STEP_TIME_S + ENCODING_PER_VIDEO_S * (video.duration_s or 0.0)
    with local_copy(video.file) as path, TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        asked = (str(path), str(target), site_settings.film())
        try:
            needed = run_step(time_s, steps.playable, *asked)
        except Exception as error:
            if hasattr(error, "code"):
                error.args = (str(error).replace(str(path), known_as(video)),)
            raise
        if not needed:
            return {}
        with target.open("rb") as file:
            return {"file": default_storage.save(f"{PLAYABLE}/{video.slug}.mp4", File(file))}


def _lock() -> bool:
    """Let one worker alone make films: each takes long, and thumbnails go first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [PLAYABLE_LOCK])
        return bool(cursor.fetchone() == (True,))


def _unlock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [PLAYABLE_LOCK])
