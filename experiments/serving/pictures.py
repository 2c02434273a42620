"""A video and its pictures as the feed shows them: values, made once for each snapshot.

There are a hundred thousand of them, and none refers back to another: left out of the search for
garbage, they cost a process nothing while it keeps them.
"""

from datetime import datetime

import msgspec
from django.core.files.storage import default_storage

STILL_SELECTOR = "raw"  # what is shown outside experiments
STILL_FILES = frozenset({"still", "still-2x"})
PREVIEW_FILES = ("preview-mp4", "preview-avif")


class Rendition(msgspec.Struct, frozen=True, gc=False):
    """A file of a thumbnail, as far as a page needs to know it."""

    name: str
    file: str
    media_type: str
    size_bytes: int
    width: int


_renditions = msgspec.json.Decoder(list[Rendition]).decode


class VideoCard(msgspec.Struct, frozen=True, gc=False):
    """What a page says about a video; channel "" and age None where they are not known."""

    slug: str
    title: str
    duration_s: float | None
    channel: str
    published_at: datetime | None


class Source(msgspec.Struct, frozen=True, gc=False):
    """A picture in one format.

    Attributes:
        url: of its narrowest file.
        media_type: of its files.
        srcset: its files with their widths, narrowest first, as in HTML: "a.avif 320w, b.avif 640w"
    """

    url: str
    media_type: str
    srcset: str


class ThumbnailCard(msgspec.Struct, frozen=True, gc=False):
    """One picture, in every format that there is of it; all show the same frames.

    Attributes:
        url: of the file that every browser shows.
        media_type: of that file.
        width: pixels.
        height: pixels.
        srcset: of files of that type, as in `Source`.
        sources: the same picture in smaller files, for browsers that know them: those
            that come twice as wide, too, first, and then the smallest.
        video_url: the same as a film, where there is one.
        still_url: one frame of it, for viewers who ask for less motion; None where nothing moves.
        still_srcset: of that frame, as in `Source`.
        previews: its shots at the film's own frame rate, to be played while a pointer is over it.
    """

    url: str
    media_type: str
    width: int
    height: int
    srcset: str
    sources: tuple[Source, ...]
    video_url: str | None
    still_url: str | None
    still_srcset: str | None
    previews: tuple[Source, ...]

    @property
    def moves(self) -> bool:
        """Whether what every browser shows is a moving picture."""
        return self.media_type == "image/gif"

    def as_still(self) -> "ThumbnailCard":
        """Return it without anything that moves; as it is where there is no still of it."""
        if self.still_url is None:
            return self
        return msgspec.structs.replace(
            self, url=self.still_url, media_type="image/jpeg", srcset=self.still_srcset or "",
            sources=(), video_url=None, still_url=None, still_srcset=None, previews=(),
        )  # fmt: skip


def card(file: str, media_type: str, width: int, height: int, renditions: str) -> ThumbnailCard:
    """Return a thumbnail's row as the feed shows it.

    The arguments are its columns; the last is the text of its JSON, which is read faster so.
    """
    moving, stills, previews = _sources(_renditions(renditions))
    [own] = [each for each in (*moving, *stills) if each.media_type == media_type] or [
        Source(default_storage.url(file), media_type, "")
    ]
    films = [each for each in moving if each.media_type.startswith("video/")]
    still = stills[0] if stills and stills[0] is not own else None
    return ThumbnailCard(
        own.url,
        media_type,
        width,
        height,
        own.srcset,
        tuple(each for each in moving if each not in films and each is not own),
        films[0].url if films else None,
        still.url if still else None,
        still.srcset if still else None,
        tuple(previews),
    )


def _sources(renditions: list[Rendition]) -> tuple[list[Source], list[Source], list[Source]]:
    """Return the files that move, those that do not, and the previews, by format."""
    moving: list[Rendition] = []
    stills: list[Rendition] = []
    previews: list[Rendition] = []
    for each in renditions:
        if each.name in STILL_FILES:
            stills.append(each)
        else:
            (previews if each.name in PREVIEW_FILES else moving).append(each)
    return _by_format(moving), _by_format(stills), _by_format(previews)


def _by_format(files: list[Rendition]) -> list[Source]:
    """Return a source a format, those with wide files first, and then the smallest narrowest file.

    A browser takes the first format that it knows: one that is smaller, of text on a plain ground,
    but has no wide file would be blurred on a dense screen.
    """
    formats: dict[str, dict[int, Rendition]] = {}
    for each in files:
        formats.setdefault(each.media_type, {}).setdefault(each.width, each)
    widths = [[of_width[width] for width in sorted(of_width)] for of_width in formats.values()]
    order = sorted(widths, key=lambda each: (-len(each), each[0].size_bytes))
    return [_source(each) for each in order]


def _source(files: list[Rendition]) -> Source:
    """Return the source of one format's files, narrowest first."""
    urls = [(default_storage.url(each.file), each.width) for each in files]
    srcset = ", ".join(f"{url} {width}w" for url, width in urls)
    return Source(urls[0][0], files[0].media_type, srcset)
