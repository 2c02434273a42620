"""Media that rows refer to: films and what browsers play of them, thumbnails, storyboards.

Pictures of single seconds are left out: they are made again when somebody asks.
"""

from collections.abc import Iterator

from experiments.models import Thumbnail, Video


def media_names() -> Iterator[str]:
    """Yield the name in the storage of each file that a row refers to, each once."""
    yield from sorted({*_of_videos(), *_of_thumbnails()})


def _of_videos() -> Iterator[str]:
    for file, *made in Video.objects.values_list("file", "storyboard", "playable"):
        if file:
            yield file
        yield from (each["file"] for each in made if each and "file" in each)


def _of_thumbnails() -> Iterator[str]:
    for file, renditions in Thumbnail.objects.values_list("file", "renditions"):
        yield file
        yield from (rendition["file"] for rendition in renditions)
