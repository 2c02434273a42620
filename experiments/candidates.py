"""Makes a video's thumbnails: the only caller of the thumbnailer, and the only writer of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from experiments.files import keep
from experiments.models import Thumbnail, Video

if TYPE_CHECKING:
    from thumbnailer.pipeline import MadeThumbnail
    from thumbnailer.results import Rendition

SELECTORS = ("raw", "re_seq2seq", "gevaden")
MAX_ATTEMPTS = 3
LOST = "worker_lost"
UNEXPECTED = "unexpected"


def make(video_id: int) -> None:
    """Make what the video lacks of its thumbnails; safe to run again at any point.

    Whatever goes wrong ends in the video's state, with a code and words. A file that ends the
    worker's process is tried `MAX_ATTEMPTS` times: tasks are acknowledged late, so the broker
    delivers such a task again.

    Raises:
        Exception: whatever is not the file's fault, after it was noted, for the worker's log.
    """
    video = Video.objects.filter(pk=video_id).first()
    if video is None or video.state not in {Video.State.WAITING, Video.State.MAKING}:
        return
    if video.attempts >= MAX_ATTEMPTS:
        _fail(video, LOST, f"its worker ended {MAX_ATTEMPTS} times while making {video}")
        return
    video.state = Video.State.MAKING
    video.attempts += 1
    video.save(update_fields=["state", "attempts"])
    try:
        _make_missing(video)
    except Exception as error:
        _fail(video, getattr(error, "code", UNEXPECTED), str(error) or repr(error))
        if not getattr(error, "is_the_videos_fault", False):
            raise


def _make_missing(video: Video) -> None:
    from thumbnailer.pipeline import make_thumbnails, model_version, probe  # noqa: PLC0415  torch

    path = Path(video.file.path)
    made = {thumbnail.selector: thumbnail.model_version for thumbnail in video.thumbnails.all()}
    missing = [name for name in SELECTORS if made.get(name) != model_version(name)]
    video.duration_s = probe(path).duration_s
    results = make_thumbnails(path, missing) if missing else []
    with transaction.atomic():
        for result in results:
            _publish(video, result)
        video.state = Video.State.READY
        video.attempts = 0
        video.save(update_fields=["state", "attempts", "duration_s"])


def _publish(video: Video, made: "MadeThumbnail") -> None:
    """Store the files under their content's names, then the row that points to them."""
    thumbnail = Thumbnail.objects.filter(video=video, selector=made.selector).first()
    thumbnail = thumbnail or Thumbnail(video=video, selector=made.selector)
    thumbnail.model_version = made.model_version
    thumbnail.shots_s = list(made.shots)
    thumbnail.shot_length_s = made.shot_length_s
    thumbnail.candidates = [[list(item.starts_s), item.score] for item in made.candidates]
    thumbnail.note = made.note
    thumbnail.renditions = [_kept(rendition) for rendition in made.renditions]
    shown = thumbnail.renditions[0]
    thumbnail.file.name = shown["file"]
    thumbnail.media_type, thumbnail.size_bytes = shown["media_type"], shown["size_bytes"]
    thumbnail.width, thumbnail.height = shown["width"], shown["height"]
    thumbnail.save()


def _kept(rendition: "Rendition") -> dict[str, Any]:
    return {
        "name": rendition.name,
        "file": keep("thumbnails", rendition.content, rendition.file_extension),
        "media_type": rendition.media_type,
        "size_bytes": len(rendition.content),
        "width": rendition.width,
        "height": rendition.height,
    }


def _fail(video: Video, code: str, message: str) -> None:
    video.state = Video.State.FAILED
    video.error_code, video.error_message = code, message
    video.save(update_fields=["state", "error_code", "error_message"])
