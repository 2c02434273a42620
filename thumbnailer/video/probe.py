"""A video file's header and first frame, and what they say of it."""

from dataclasses import dataclass
from math import nan
from pathlib import Path

from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.container import counted, open_video
from thumbnailer.video.decode import sound_picture


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video as a viewer sees it.

    Attributes:
        duration_s: seconds, by its packets: headers lie, and clocks jump.
        width: pixels as shown, after rotation and pixel aspect.
        height: likewise.
        fps: frames a second on average; nan where the header does not say.
        codec: the decoder's name, such as "h264".
    """

    duration_s: float
    width: int
    height: int
    fps: float
    codec: str


def probe(path: str | Path, settings: FilmSettings = DEFAULT_FILM) -> VideoInfo:
    """Read the header, decode to the first sound frame, and count the packets.

    Raises:
        VideoError: one of its kinds, where the file cannot be used; the message says why.
    """
    with open_video(path, settings) as video:
        width, height = sound_picture(video).shown_size
        stream = video.stream
        rate = stream.average_rate
        return VideoInfo(
            duration_s=_duration_s(path, settings),
            width=width,
            height=height,
            fps=float(rate) if rate else nan,
            codec=stream.codec_context.name,
        )


def _duration_s(path: str | Path, settings: FilmSettings) -> float:
    with open_video(path, settings) as video:
        return round(counted(video).end_s, 6)
