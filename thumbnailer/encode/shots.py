"""The frames that a thumbnail's files are made of, once and twice as large."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from thumbnailer.encode.parts.footage import Frames
from thumbnailer.encode.parts.halving import halve


@dataclass(frozen=True, slots=True)
class Shots:
    """Frames of shots, (S, N, H, W, 3) RGB.

    Attributes:
        frames: that fit the box, with those of the margins.
        large: without the margins, twice as wide and high where the film has the pixels.
        margin: how many frames before and after each shot are there for comparison only.
        has_large: whether there are larger frames.
    """

    frames: Frames
    large: Frames
    margin: int
    has_large: bool

    @classmethod
    def of(cls, frames: Frames, margin: int = 0) -> Self:
        """Return shots of which there are no larger frames."""
        return cls(frames, _own(frames, margin), margin, has_large=False)

    @classmethod
    def room_for(cls, length: int, frame: Frames, box: tuple[int, int], margin: int) -> Self:
        """Return room for one shot of so many (H, W, 3) frames like this one."""
        height, width, _ = frame.shape
        is_large = max(height, width) > max(box)
        halves = 2 if is_large else 1
        frames = np.empty((1, length, height // halves, width // halves, 3), np.uint8)
        if not is_large:
            return cls.of(frames, margin)
        # The margins would take more memory than the shots themselves.
        large = np.empty((1, length - 2 * margin, height, width, 3), np.uint8)
        return cls(frames, large, margin, has_large=True)

    def without_frames(self) -> Self:
        """Return no shot of the same size as these."""
        return replace(self, frames=self.frames[:0].copy(), large=self.large[:0].copy())

    def put(self, place: int, frame: Frames) -> None:
        """Fill in a frame of the one shot, (H, W, 3), counted with those of its margin."""
        if not self.has_large:
            self.frames[0, place] = frame
            return
        halve(frame, self.frames[0, place])
        if 0 <= place - self.margin < self.large.shape[1]:
            self.large[0, place - self.margin] = frame

    @property
    def own(self) -> Frames:
        """The frames without the margins."""
        return _own(self.frames, self.margin)

    def without_margins(self) -> Self:
        """Return the shots themselves, with nothing kept of their margins."""
        return replace(self, frames=self.own.copy(), margin=0)


def one_shot(frames: Frames, box: tuple[int, int], margin: int) -> Shots:
    """Return a shot of (N, H, W, 3) frames at hand; its ends stand for its margins."""
    is_large = max(frames.shape[1:3]) > max(box)
    around = ((0, 0), (margin, margin), *[(0, 0)] * 3)
    small = _halves(frames) if is_large else frames
    return Shots(np.pad(small[None], around, mode="edge"), frames[None], margin, is_large)


def _own(shots: Frames, margin: int) -> Frames:
    return shots[:, margin : shots.shape[1] - margin]


def _halves(frames: Frames) -> Frames:
    count, height, width, _ = frames.shape
    halves = np.empty((count, height // 2, width // 2, 3), np.uint8)
    for frame, half in zip(frames, halves, strict=True):
        halve(frame, half)
    return halves
