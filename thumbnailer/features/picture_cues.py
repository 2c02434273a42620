"""Faces and lettering in one picture of each second, found while a video is decoded."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.features.eyes import openness
from thumbnailer.features.faces import find_eyes, find_faces
from thumbnailer.features.text_detector import STEP, text_share
from thumbnailer.video.sampling import TICKS_PER_S, Sample

LOOKED_AT_TICK = 4  # of each second's twelve; its second colour picture of three
# Pixels: a face of 20, the least that is found, is a sixth of a 16:9 picture; in larger pictures
# the detector takes wood and stone for text.
LONG_SIDE = 224

OPEN = 0.16  # above it are 548 of 550 pictures of open eyes, below it 21 of 24 of lowered lids

Values = NDArray[np.float32]


@dataclass(slots=True)
class PictureCues:
    """Looks at one picture of each second as samples stream by."""

    _found: list[tuple[float, float]] = field(default_factory=list)
    _latest: NDArray[np.uint8] | None = None

    def add(self, sample: Sample) -> None:
        """Look at the sample where it is on screen at the tick of one second or more."""
        if sample.rgb is not None:
            self._latest = sample.rgb
        seconds = _seconds_before(sample.end_tick) - _seconds_before(sample.first_tick)
        if seconds and self._latest is not None:
            picture = self._latest, sample.aspect
            self._found += [(largest_face(*picture), lettering(*picture))] * seconds

    def finish(self) -> tuple[Values, Values]:
        """Return the largest faces and the lettering of all n seconds so far, (n,) each."""
        found = np.asarray(self._found, np.float32).reshape(-1, 2)
        return found[:, 0], found[:, 1]


def largest_face(squashed: NDArray[np.uint8], aspect: float) -> float:
    """Return the share of the picture's height that the largest face takes.

    0 without a face, and where its eyes are closed.

    Args:
        squashed: (size, size, 3) RGB.
        aspect: width by height of the picture as people see it.
    """
    picture = _in_shape(squashed, aspect, step=1)
    boxes = find_faces(picture)
    if not len(boxes):
        return 0.0
    heights = boxes[:, 3] - boxes[:, 1]
    largest = int(heights.argmax())
    is_open = openness(picture, find_eyes(picture, boxes[largest])) > OPEN
    return float(heights[largest] / len(picture)) if is_open else 0.0


def lettering(squashed: NDArray[np.uint8], aspect: float) -> float:
    """Return the share of the picture that is text; its arguments are those of largest_face."""
    return text_share(_in_shape(squashed, aspect, step=STEP))


def _in_shape(squashed: NDArray[np.uint8], aspect: float, step: int) -> NDArray[np.uint8]:
    """Return the picture as people see it, its sides multiples of a step."""
    sides = LONG_SIDE * min(1.0, aspect), LONG_SIDE * min(1.0, 1 / aspect)
    width, height = (max(step, round(side / step) * step) for side in sides)
    return np.array(Image.fromarray(squashed).resize((width, height)))


def _seconds_before(tick: int) -> int:
    """Return how many seconds' ticks to look at are over before this one."""
    return -(-(tick - LOOKED_AT_TICK) // TICKS_PER_S)
