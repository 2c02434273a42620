"""The encoders' settings in one record, whose digests say what made a file."""

import json
from dataclasses import astuple, dataclass
from hashlib import sha256

from thumbnailer.encode.budget import SEARCH_VERSION
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.still import QUALITY
from thumbnailer.encode.still import VERSION as STILL_VERSION
from thumbnailer.results import STILL
from thumbnailer.video.cut import BOX_HEIGHT, BOX_WIDTH, CUT_VERSION

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


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """All that decides the files of a thumbnail, besides the video and the shots.

    Attributes:
        box_width: pixels that the picture fits into.
        box_height: pixels that the picture fits into.
        frame_ms: how long each frame stays.
        frames_per_shot: of a shot of one second; shorter shots have fewer.
        still_quality: JPEG's, 1 to 95.
        formats: of moving pictures; the first is the one that every browser shows.
    """

    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT
    frame_ms: int = FRAME_MS
    frames_per_shot: int = FRAMES_PER_SHOT
    still_quality: int = QUALITY
    formats: tuple[FormatSettings, ...] = tuple(
        FormatSettings(each.name, each.default_quality, each.budget_bytes)
        for each in FORMATS.values()
    )

    @property
    def digests(self) -> dict[str, str]:
        """Return of each file, by name, what changes whenever its bytes of the same shots may."""
        moving = {
            each.name: [FORMATS[each.name].version, SEARCH_VERSION, *astuple(each)]
            for each in self.formats
        }
        parts = {**moving, STILL: [STILL_VERSION, self.still_quality]}
        box = [self.box_width, self.box_height]
        frames = [CUT_VERSION, *box, self.frame_ms, self.frames_per_shot]
        return {name: _digest([*frames, *part]) for name, part in parts.items()}


def _digest(parts: list[object]) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()[:20]


DEFAULT = EncoderSettings()
