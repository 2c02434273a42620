"""Decodes what a person brought: a picture, a moving one or a clip, whatever its name says."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.creative import clip, picture
from thumbnailer.creative.film import at_equal_distances
from thumbnailer.creative.shape import shape_of


@dataclass(frozen=True, slots=True, eq=False)
class Creative:
    """The frames of a creative, at the thumbnail's rate and in its shape.

    Attributes:
        frames: (N, H, W, 3) RGB; one where nothing moves.
        note: what a reader must know, in a sentence; empty for most.
    """

    frames: NDArray[np.uint8]
    note: str


def read_creative(path: Path, *, box: tuple[int, int], frame_s: float, most: int = 1) -> Creative:
    """Decode a file that a person brought.

    Args:
        path: the file.
        box: width and height in pixels of the thumbnail that it is to be.
        frame_s: how long each frame of it is shown.
        most: how many times as large frames may be, where the file has the pixels.

    Raises:
        VideoError: one of its kinds, where the file cannot be used; the message says why.
    """
    with picture.opened(path) as image:
        if image is not None:
            shape = shape_of(path, picture.shown_size(image), box, most)
            found = picture.moments(image, shape)
            return Creative(at_equal_distances(path, found, frame_s), shape.note)
    shape = clip.shape_of_clip(path, box, most)
    return Creative(at_equal_distances(path, clip.moments(path, shape), frame_s), shape.note)
