"""The encoders' settings in one record, whose digests say what made a file."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Self

from thumbnailer.encode import preview
from thumbnailer.encode.budget import SEARCH_VERSION
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.still import QUALITY
from thumbnailer.encode.still import VERSION as STILL_VERSION
from thumbnailer.results import STILL, twice
from thumbnailer.settings import BOXES, DEFAULT_FILM, FilmSettings, PictureSettings
from thumbnailer.video.cut import BOX, CUT_VERSION

WINDOW_VERSION = 1  # to be raised when another window would be found in the same pictures
FRAMES_PER_SHOT = 12
FRAME_MS = 80  # GIF delays are whole centiseconds, and browsers slow down what is under 20 ms


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """What is asked of one of ``formats.FORMATS``.

    Attributes:
        name: such as "gif".
        quality: 0 to 100; lowered where the budget asks for it.
        budget_bytes: what a file may weigh.
    """

    name: str
    quality: int
    budget_bytes: int


WIDE = FormatSettings("avif", FORMATS["avif"].default_quality, 2 * FORMATS["avif"].budget_bytes)


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """All that decides the files of a thumbnail, besides the video and the shots.

    Attributes:
        box: width and height in pixels that the picture fits into; turned for portrait films.
        fills: cut the picture to the box's shape instead, around what stands out.
        frame_ms: how long each frame stays.
        frames_per_shot: of a shot of one second; shorter shots have fewer.
        still_quality: JPEG's, 1 to 95.
        formats: of moving pictures; the first is the one that every browser shows.
        wide: of those twice as wide, of films that have the pixels; a still goes with them.
        previews: formats of files at the film's own frame rate.
        film: the ways in which films may be read.
    """

    box: tuple[int, int] = BOX
    fills: bool = False
    frame_ms: int = FRAME_MS
    frames_per_shot: int = FRAMES_PER_SHOT
    still_quality: int = QUALITY
    formats: tuple[FormatSettings, ...] = tuple(
        FormatSettings(each.name, each.default_quality, each.budget_bytes)
        for each in FORMATS.values()
    )
    wide: tuple[FormatSettings, ...] = (WIDE,)
    previews: tuple[str, ...] = ()
    film: FilmSettings = DEFAULT_FILM

    @classmethod
    def of(cls, pictures: PictureSettings) -> Self:
        """Return a site's."""
        return cls(
            box=BOXES.get(pictures.shape, BOX),
            fills=pictures.shape in BOXES,
            wide=(WIDE,) if pictures.wide else (),
            previews=pictures.previews,
            film=pictures.film,
        )

    @property
    def digests(self) -> dict[str, str]:
        """Return of each file, by name, what changes whenever its bytes of the same shots may."""
        still: list[object] = [STILL_VERSION, self.still_quality]
        parts = {each.name: _encoding(each) for each in self.formats} | {STILL: still}
        parts |= {twice(each.name): [2, *_encoding(each)] for each in self.wide}
        if self.wide:
            parts[twice(STILL)] = [2, *still]
        for name in self.previews:
            parts[preview.name_of(name)] = [preview.VERSION, FORMATS[name].version]
        return {name: _digest([*self._frames, *part]) for name, part in parts.items()}

    @property
    def _frames(self) -> list[object]:
        window = WINDOW_VERSION if self.fills else 0
        timing = [self.frame_ms, self.frames_per_shot]
        return [CUT_VERSION, *self.box, window, bool(self.wide), *timing, self.film.background]


def _encoding(settings: FormatSettings) -> list[object]:
    return [FORMATS[settings.name].version, SEARCH_VERSION, asdict(settings)]


def _digest(parts: list[object]) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()[:20]


DEFAULT = EncoderSettings()
