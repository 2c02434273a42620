"""Videos with files for tests of the making."""

from pathlib import Path

from django.core.files import File

from experiments.models import Video


def add_video(path: Path, **fields: object) -> Video:
    """Add a video of this file, waiting for its thumbnails."""
    video = Video(slug=path.stem, title=path.stem, state=Video.State.WAITING, **fields)
    with path.open("rb") as file:
        video.file.save(path.name, File(file), save=False)
    video.save()
    return video
