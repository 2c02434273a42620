"""Faces and lettering in one picture of each second, found while a video is decoded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.features.eyes import openness
from thumbnailer.features.face_windows import Boxes, compile_windows
from thumbnailer.features.faces import find_eyes, find_faces_of_all
from thumbnailer.features.text_detector import STEP, text_shares
from thumbnailer.video.sampling import Sample
from thumbnailer.video.ticks import TICKS_PER_S

AT_ONCE = 4  # pictures: half of the time of one is to begin each step of the networks
LOOKED_AT_TICK = 4  # of each second's twelve; its second colour picture of three
# Pixels: a face of 20, the least that is found, is a sixth of a 16:9 picture; in larger pictures
# the detector takes wood and stone for text.
LONG_SIDE = 224
USUAL_ASPECT = 16 / 9

OPEN = 0.16  # above it are 548 of 550 pictures of open eyes, below it 21 of 24 of lowered lids

Values = NDArray[np.float32]
Picture = NDArray[np.uint8]


@dataclass(slots=True)
class PictureCues:
    """Looks at one picture of each second as samples stream by."""

    _found: list[tuple[float, float]] = field(default_factory=list)
    _waiting: list[tuple[Picture, float, int]] = field(default_factory=list)
    _latest: Picture | None = None

    def add(self, sample: Sample) -> None:
        """Look at the sample where it is on screen at the tick of one second or more."""
        if sample.rgb is not None:
            self._latest = sample.rgb
        seconds = _seconds_before(sample.end_tick) - _seconds_before(sample.first_tick)
        if seconds and self._latest is not None:
            self._waiting.append((self._latest, sample.aspect, seconds))
        if len(self._waiting) >= AT_ONCE:
            self._look()

    def finish(self) -> tuple[Values, Values]:
        """Return the largest faces and the lettering of all n seconds so far, (n,) each."""
        self._look()
        found = np.asarray(self._found, np.float32).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def _look(self) -> None:
        """Look at what waits, all pictures of one shape at once."""
        for aspect, group in groupby(self._waiting, key=lambda each: each[1]):
            pictures, _, seconds = zip(*group, strict=True)
            cues = zip(largest_faces(pictures, aspect), lettering(pictures, aspect), strict=True)
            for found, times in zip(cues, seconds, strict=True):
                self._found += [found] * times
        self._waiting.clear()


def load_networks() -> None:
    """Load all that looks at pictures, so that processes forked from this one have it."""
    compile_windows()
    blank = np.zeros((LONG_SIDE, LONG_SIDE, 3), np.uint8)
    largest_faces([blank], USUAL_ASPECT)  # weights are laid out anew for each other shape
    lettering([blank], USUAL_ASPECT)
    openness(blank, np.asarray([[8.0, 8.0], [16.0, 8.0]]))


def largest_faces(squashed: Sequence[Picture], aspect: float) -> list[float]:
    """Return the share of its picture's height that the largest face of each takes.

    0 without a face, and where its eyes are closed.

    Args:
        squashed: (size, size, 3) RGB each.
        aspect: width by height of the pictures as people see them.
    """
    pictures = _in_shape(squashed, aspect, step=1)
    return list(map(_largest_face, pictures, find_faces_of_all(pictures)))


def _largest_face(picture: Picture, boxes: Boxes) -> float:
    if not len(boxes):
        return 0.0
    heights = boxes[:, 3] - boxes[:, 1]
    largest = int(heights.argmax())
    is_open = openness(picture, find_eyes(picture, boxes[largest])) > OPEN
    return float(heights[largest] / len(picture)) if is_open else 0.0


def lettering(squashed: Sequence[Picture], aspect: float) -> list[float]:
    """Return the share of each picture that is text; its arguments are those of largest_faces."""
    return text_shares(_in_shape(squashed, aspect, step=STEP))


def _in_shape(squashed: Sequence[Picture], aspect: float, step: int) -> NDArray[np.uint8]:
    """Return (B, H, W, 3) the pictures as people see them, their sides multiples of a step."""
    sides = LONG_SIDE * min(1.0, aspect), LONG_SIDE * min(1.0, 1 / aspect)
    width, height = (max(step, round(side / step) * step) for side in sides)
    shown = (Image.fromarray(each).resize((width, height)) for each in squashed)
    return np.stack([np.asarray(each) for each in shown])


def _seconds_before(tick: int) -> int:
    """Return how many seconds' ticks to look at are over before this one."""
    return -(-(tick - LOOKED_AT_TICK) // TICKS_PER_S)
