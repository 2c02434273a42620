"""The part of a picture that fits the thumbnail's shape, and its size."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import PictureTooSmallError
from thumbnailer.video.limits import check_pixels

SMALLEST_WIDTH, SMALLEST_HEIGHT = 160, 90
MENTIONED_CUT = 0.05  # less of a picture is cut off in silence


@dataclass(frozen=True, slots=True)
class Shape:
    """How a picture is scaled, and the middle of it that is kept.

    Attributes:
        scaled: width and height of the whole picture, in pixels.
        kept: width and height of the part that is kept.
    """

    scaled: tuple[int, int]
    kept: tuple[int, int]

    def middle(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the kept part of the scaled picture, (H, W, 3)."""
        (width, height), (kept_width, kept_height) = self.scaled, self.kept
        left, top = (width - kept_width) // 2, (height - kept_height) // 2
        return pixels[top : top + kept_height, left : left + kept_width]

    @property
    def note(self) -> str:
        """What a reader must know of what is cut off; empty where it is next to nothing."""
        lost = [1 - kept / whole for kept, whole in zip(self.kept, self.scaled, strict=True)]
        side = "width" if lost[0] > lost[1] else "height"
        if max(lost) < MENTIONED_CUT:
            return ""
        return f"{max(lost):.0%} of its {side} is cut off: thumbnails have another shape"


def shape_of(path: Path, size: tuple[int, int], box: tuple[int, int], most: int = 1) -> Shape:
    """Return how a picture of this size fills the box; it is never enlarged.

    With ``most`` it fills one so many times as wide and high, where it has the pixels.

    Raises:
        VideoTooLargeError: above 8192 x 4320 pixels.
        PictureTooSmallError: where it would be blurred beside other thumbnails.
    """
    width, height = size
    check_pixels(path, width, height)
    if width < SMALLEST_WIDTH or height < SMALLEST_HEIGHT:
        raise PictureTooSmallError(
            f"{path} is {width} x {height} pixels, must be at least {SMALLEST_WIDTH} x "
            f"{SMALLEST_HEIGHT}: bring a larger one"
        )
    times = most if width >= most * box[0] and height >= most * box[1] else 1
    box_width, box_height = times * box[0], times * box[1]
    part = min(width / box_width, height / box_height)  # of the box, in the picture's pixels
    scale = min(1 / part, 1.0)
    kept = _even(box_width * part * scale), _even(box_height * part * scale)
    scaled = max(kept[0], _even(width * scale)), max(kept[1], _even(height * scale))
    return Shape(scaled, kept)


def _even(side: float) -> int:
    return round(side / 2) * 2
