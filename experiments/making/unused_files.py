"""Files that no row refers to any more, as after a model or the encoder has changed."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from experiments.making.creatives import FOLDER as CREATIVES
from experiments.making.playable import PLAYABLE
from experiments.making.storyboard_steps import STORYBOARDS
from experiments.making.video_frames import FRAMES
from experiments.models import Creative, Thumbnail, Video, VideoFrame


def unused_files(older_than: timedelta) -> Iterator[str]:
    """Yield the names of old files that were made or brought and that no row names.

    A file is stored before the row that names it, so young ones are left; ``files.keep`` makes an
    old one young again when it is wanted once more. Files of videos are never among them.

    Raises:
        OSError: where the storage is away.
    """
    yield from _old_and_unnamed("thumbnails", older_than)
    yield from _old_and_unnamed(STORYBOARDS, older_than)
    yield from _old_and_unnamed(CREATIVES, older_than)
    yield from _old_and_unnamed(PLAYABLE, older_than)
    yield from _old_and_unnamed(FRAMES, older_than)


def delete(name: str) -> None:
    """Delete a file that ``unused_files`` has just yielded.

    Raises:
        OSError: where the storage does not let it.
    """
    default_storage.delete(name)


def _old_and_unnamed(folder: str, older_than: timedelta) -> Iterator[str]:
    try:
        _, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return  # nothing was made yet
    for file in files:
        name = f"{folder}/{file}"
        if not _is_named(name) and _age(name) > older_than:
            yield name


def _age(name: str) -> timedelta:
    try:
        return timezone.now() - default_storage.get_modified_time(name)
    except FileNotFoundError:
        return timedelta(0)  # gone, or moved to its place: it is in nobody's way


def _is_named(name: str) -> bool:
    """Tell whether a row refers to the file now, not when the folder was listed."""
    by_thumbnail = Q(file=name) | Q(renditions__contains=[{"file": name}])
    return (
        Thumbnail.objects.filter(by_thumbnail).exists()
        or Video.objects.filter(Q(storyboard__file=name) | Q(playable__file=name)).exists()
        or Creative.objects.filter(file=name).exists()
        or VideoFrame.objects.filter(file=name).exists()
    )
