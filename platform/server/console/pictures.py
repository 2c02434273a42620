"""Thumbnails as a page shows them: in every format, and as one frame for who wants calm."""

from dataclasses import dataclass

from django.core.files.storage import default_storage

from experiments.models import Thumbnail

STILL = "still"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a thumbnail."""

    name: str
    url: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A thumbnail to be shown.

    Attributes:
        url: of the file that every browser shows.
        sources: the same in smaller files, for browsers that know them, smallest first.
        still_url: one frame; that of the only file where nothing moves.
        files: all there are, as the encoder made them.
    """

    url: str
    width: int
    height: int
    sources: list[File]
    still_url: str
    files: list[File]


def picture(thumbnail: Thumbnail) -> Picture:
    """Return the picture of a thumbnail."""
    files = [
        File(each["name"], default_storage.url(each["file"]), each["media_type"],
             each["size_bytes"])
        for each in thumbnail.renditions
    ]  # fmt: skip
    stills = [file.url for file in files if file.name == STILL]
    moving = [file for file in files if file.name != STILL and file.media_type.startswith("image/")]
    url = thumbnail.file.url
    return Picture(
        url,
        thumbnail.width,
        thumbnail.height,
        sorted((each for each in moving if each.url != url), key=lambda each: each.size_bytes),
        stills[0] if stills else url,
        files,
    )
