"""Frames at the thumbnail's own rate, of whatever was brought: one, or as many as it plays."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import DecodeFailedError, VideoTooLongError

MAX_FRAMES = 600  # of what is brought
MAX_LENGTH_S = 6.0  # twice a thumbnail's: more would not keep to its budget of bytes


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A picture and how long it is shown.

    Attributes:
        pixels: (H, W, 3) RGB.
        end_s: when the next one replaces it, in seconds from the first one's start.
    """

    pixels: NDArray[np.uint8]
    end_s: float


def at_equal_distances(path: Path, moments: Iterable[Moment], frame_s: float) -> NDArray[np.uint8]:
    """Return (N, H, W, 3), the frames on screen each ``frame_s``; one alone where nothing moves.

    Raises:
        DecodeFailedError: where there is no picture.
        VideoTooLongError: above 600 pictures, or above 6 seconds.
    """
    frames: list[NDArray[np.uint8]] = []
    number, moment = 0, None
    for number, moment in enumerate(moments, start=1):
        _check(path, number, moment.end_s)
        # Each is shown at those ticks of which half has passed while it is on screen.
        while (len(frames) + 0.5) * frame_s < moment.end_s:
            frames.append(moment.pixels)
    if moment is None:
        raise DecodeFailedError(f"{path} has no picture that can be decoded: export it again")
    if all(np.array_equal(frame, moment.pixels) for frame in frames):
        frames = [moment.pixels]
    return np.stack(frames)


def _check(path: Path, number: int, end_s: float) -> None:
    if number > MAX_FRAMES:
        raise VideoTooLongError(
            f"{path} has over {MAX_FRAMES} pictures, must have at most {MAX_FRAMES}: cut it"
        )
    if end_s > MAX_LENGTH_S:
        raise VideoTooLongError(
            f"{path} lasts over {MAX_LENGTH_S:g} s, must last at most {MAX_LENGTH_S:g} s: cut it"
        )
