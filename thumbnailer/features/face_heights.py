"""The height of the largest face in each second of a video, found while it is decoded."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.features.faces import find_faces
from thumbnailer.video.sampling import TICKS_PER_S, Sample

LOOKED_AT_TICK = 4  # of each second's twelve; its second colour picture of three
LONG_SIDE = 224  # pixels: a face of 20, the least that is found, is a sixth of a 16:9 picture


@dataclass(slots=True)
class FaceMeasurer:
    """Looks at one picture of each second as samples stream by."""

    _heights: list[float] = field(default_factory=list)
    _latest: NDArray[np.uint8] | None = None

    def add(self, sample: Sample) -> None:
        """Look at the sample where it is on screen at the tick of one second or more."""
        if sample.rgb is not None:
            self._latest = sample.rgb
        seconds = _seconds_before(sample.end_tick) - _seconds_before(sample.first_tick)
        if seconds and self._latest is not None:
            self._heights += [largest_face(self._latest, sample.aspect)] * seconds

    def finish(self) -> NDArray[np.float32]:
        """Return the heights of all seconds so far."""
        return np.asarray(self._heights, np.float32)


def largest_face(squashed: NDArray[np.uint8], aspect: float) -> float:
    """Return the share of the picture's height that the largest face takes; 0 without a face.

    Args:
        squashed: (size, size, 3) RGB.
        aspect: width by height of the picture as people see it.
    """
    width, height = LONG_SIDE * min(1.0, aspect), LONG_SIDE * min(1.0, 1 / aspect)
    size = max(1, round(width)), max(1, round(height))
    boxes = find_faces(np.array(Image.fromarray(squashed).resize(size)))
    return float((boxes[:, 3] - boxes[:, 1]).max() / size[1]) if len(boxes) else 0.0


def _seconds_before(tick: int) -> int:
    """Return how many seconds' ticks to look at are over before this one."""
    return -(-(tick - LOOKED_AT_TICK) // TICKS_PER_S)
