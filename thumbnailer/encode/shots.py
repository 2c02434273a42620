"""The frames that a thumbnail's files are made of, once and twice as large."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np

from thumbnailer.encode.parts.footage import Frames
from thumbnailer.encode.parts.halving import halve
from thumbnailer.encode.settings import EncoderSettings
from thumbnailer.results import WHOLE, Part
from thumbnailer.video.cut import cut_runs
from thumbnailer.video.framing import Framing


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
    def room_for(
        cls, count: int, length: int, frame: Frames, settings: EncoderSettings, margin: int
    ) -> Self:
        """Return room for so many shots of so many (H, W, 3) frames like this one."""
        height, width, _ = frame.shape
        is_large = max(height, width) > max(settings.box)
        halves = 2 if is_large else 1
        frames = np.empty((count, length, height // halves, width // halves, 3), np.uint8)
        if not is_large:
            return cls.of(frames, margin)
        # The margins would take more memory than the shots themselves.
        large = np.empty((count, length - 2 * margin, height, width, 3), np.uint8)
        return cls(frames, large, margin, has_large=True)

    def put(self, number: int, shot: Iterable[Frames]) -> None:
        """Fill in the frames of one shot, (H, W, 3) each, and of its margins, one by one."""
        for place, frame in enumerate(shot):
            if not self.has_large:
                self.frames[number, place] = frame
                continue
            halve(frame, self.frames[number, place])
            if 0 <= place - self.margin < self.large.shape[1]:
                self.large[number, place - self.margin] = frame

    @property
    def own(self) -> Frames:
        """The frames without the margins."""
        return _own(self.frames, self.margin)

    def without_margins(self) -> Self:
        """Return the shots themselves, with nothing kept of their margins."""
        return replace(self, frames=self.own.copy(), margin=0)


def one_shot(frames: Frames, settings: EncoderSettings, margin: int) -> Shots:
    """Return a shot of (N, H, W, 3) frames at hand; its ends stand for its margins."""
    is_large = max(frames.shape[1:3]) > max(settings.box)
    around = ((0, 0), (margin, margin), *[(0, 0)] * 3)
    small = _halves(frames) if is_large else frames
    return Shots(np.pad(small[None], around, mode="edge"), frames[None], margin, is_large)


def cut_shots(
    path: str | Path,
    times_s: Sequence[Sequence[float]],
    settings: EncoderSettings,
    part: Part = WHOLE,
    margin: int = 0,
) -> Shots:
    """Return the frames at these times of each shot, in the order given.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    framing = Framing(
        settings.box,
        part,
        turns=not settings.fills,
        fills=settings.fills,
        most=2 if settings.wide else 1,
    )
    shots: Shots | None = None
    for number, run in cut_runs(path, times_s, framing, settings.film):
        shot = iter(_filling(list(run), settings.box)) if settings.fills else run
        first = next(shot)
        if shots is None:
            length = len(times_s[number])
            shots = Shots.room_for(len(times_s), length, first, settings, margin)
        shots.put(number, chain([first], shot))
    assert shots is not None  # noqa: S101  as there is a run at least
    return shots


def _own(shots: Frames, margin: int) -> Frames:
    return shots[:, margin : shots.shape[1] - margin]


def _filling(shot: list[Frames], box: tuple[int, int]) -> list[Frames]:
    """Cut a shot's (H, W, 3) frames to the box's shape around what stands out."""
    from thumbnailer.encode.crop import best_window  # noqa: PLC0415  its networks take 20 MB

    height, width, _ = shot[0].shape
    times = min(width / box[0], height / box[1])
    step = 4 if times > 1 else 2
    window_width, window_height = (int(side * times + 1e-6) // step * step for side in box)
    rows, columns = best_window(np.stack(shot), window_width, window_height)
    return [np.ascontiguousarray(frame[rows, columns]) for frame in shot]


def _halves(frames: Frames) -> Frames:
    count, height, width, _ = frames.shape
    halves = np.empty((count, height // 2, width // 2, 3), np.uint8)
    for frame, half in zip(frames, halves, strict=True):
        halve(frame, half)
    return halves
