"""Cuts what was chosen out of the video and encodes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.encode.budget import encode_within
from thumbnailer.encode.formats import GIF
from thumbnailer.encode.gif import FRAME_MS, FRAMES_PER_SHOT
from thumbnailer.encode.still import encode_still
from thumbnailer.video.cut import cut_frames

MS_PER_CS = 10


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image file in memory.

    Attributes:
        content: its bytes.
        media_type: such as "image/gif".
        file_extension: such as ".gif".
        width: pixels, at most 320.
        height: pixels, at most 180.
    """

    content: bytes
    media_type: str
    file_extension: str
    width: int
    height: int


def cut_gif(path: str | Path, starts_s: Sequence[float], shot_length_s: float) -> EncodedImage:
    """Return the shots as a looping GIF, in the order given, at the speed of the video.

    The quality is the best that keeps to the format's budget of bytes.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    times_s = shot_times_s(shot_length_s)
    shots = cut_frames(path, [[start_s + time_s for time_s in times_s] for start_s in starts_s])
    frames = np.stack(list(chain.from_iterable(shots)))  # (N, H, W, 3)
    made = encode_within(GIF, frames, delay_cs=FRAME_MS // MS_PER_CS)
    return _image(made.content, made.media_type, made.file_extension, frames[0])


def cut_still(path: str | Path, time_s: float) -> EncodedImage:
    """Return the frame on screen at this moment as a JPEG.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    [[frame]] = cut_frames(path, [[time_s]])
    return _image(encode_still(frame), "image/jpeg", ".jpg", frame)


def shot_times_s(shot_length_s: float) -> list[float]:
    """Return the moments of a shot at which the GIF's frames are taken, from 0 on."""
    count = min(FRAMES_PER_SHOT, max(1, round(shot_length_s * 1000 / FRAME_MS)))
    return [number * FRAME_MS / 1000 for number in range(count)]


def _image(
    content: bytes, media_type: str, extension: str, frame: NDArray[np.uint8]
) -> EncodedImage:
    height, width, _ = frame.shape
    return EncodedImage(content, media_type, extension, width, height)
