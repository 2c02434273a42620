"""The storyboard: small frames by which a person finds their way in a video."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from thumbnailer.encode.still import encode_still
from thumbnailer.results import WHOLE, Part, Storyboard
from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.framing import Framing

COLUMNS = 10
BOX = (160, 90)
QUALITY = 70


def make_storyboard(
    path: str | Path,
    times_s: Sequence[float],
    part: Part = WHOLE,
    film: FilmSettings = DEFAULT_FILM,
) -> Storyboard:
    """Return the frames on screen at these increasing times as one JPEG of ten columns.

    The video is decoded once from the first of them on: so many seeks would take longer.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    [frames] = cut_frames(path, [times_s], Framing(BOX, part), film)
    height, width, _ = frames[0].shape
    rows = -(-len(frames) // COLUMNS)
    board = np.zeros((rows, COLUMNS, height, width, 3), np.uint8)
    for number, frame in enumerate(frames):
        board[divmod(number, COLUMNS)] = frame
    picture = board.swapaxes(1, 2).reshape(rows * height, COLUMNS * width, 3)
    content = encode_still(picture, quality=QUALITY)
    return Storyboard(content, ".jpg", tuple(times_s), COLUMNS, width, height)
