"""The preview: a thumbnail's shots at the film's own frame rate, for players and cards to play."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from thumbnailer.encode.avif import write_avif
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.mp4 import write_mp4
from thumbnailer.encode.parts.footage import Frames
from thumbnailer.settings import FilmSettings
from thumbnailer.video.container import open_video

VERSION = 1  # to be raised when other frames would be taken of the same shots
MOST_PER_S = 60  # frames: screens show no more
PER_S_IF_UNTOLD = 25
WRITERS = {"mp4": write_mp4, "avif": write_avif}


def name_of(image_format: str) -> str:
    """Return the name of the file in this format."""
    return f"preview-{image_format}"


def frame_rate(path: str | Path, film: FilmSettings) -> Fraction:
    """Return how many frames a second the film has, as its file says, within reason.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    with open_video(path, film) as video:
        rate = video.stream.average_rate
    return min(Fraction(rate or PER_S_IF_UNTOLD), Fraction(MOST_PER_S)).limit_denominator(1001)


def times_s(starts_s: Sequence[float], length_s: float, rate: Fraction) -> list[list[float]]:
    """Return the moments of each shot at which its frames are taken."""
    count = max(1, round(length_s * rate))
    return [[start_s + float(number / rate) for number in range(count)] for start_s in starts_s]


def encode_preview(frames: Frames, rate: Fraction, image_format: str) -> bytes:
    """Encode (N, H, W, 3) RGB frames as "mp4" or "avif"."""
    return WRITERS[image_format](frames, 1 / rate, FORMATS[image_format].default_quality)
