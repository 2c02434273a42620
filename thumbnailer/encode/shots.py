"""The frames that a thumbnail's files are made of, once and twice as large."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from thumbnailer.encode.parts.footage import Frames
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

    @property
    def own(self) -> Frames:
        """The frames without the margins."""
        return _own(self.frames, self.margin)


def one_shot(frames: Frames, settings: EncoderSettings, margin: int) -> Shots:
    """Return a shot of (N, H, W, 3) frames at hand; its ends stand for its margins."""
    is_large = max(frames.shape[1:3]) > max(settings.box)
    small = np.stack([_half(frame) for frame in frames]) if is_large else frames
    around = ((0, 0), (margin, margin), *[(0, 0)] * 3)
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
    small, large = [], []
    for run in cut_runs(path, times_s, framing, settings.film):
        shot = _filling(run, settings.box) if settings.fills else run
        is_large = max(shot[0].shape[:2]) > max(settings.box)
        small.append(np.stack([_half(frame) for frame in shot] if is_large else shot))
        if is_large:  # the margins would take more memory than the shots themselves
            large.append(np.stack(shot[margin : len(shot) - margin]))
        del run, shot  # before the next is cut
    if not large:
        return Shots.of(np.stack(small), margin)
    return Shots(np.stack(small), np.stack(large), margin, has_large=True)


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
    return [frame[rows, columns] for frame in shot]


def _half(frame: Frames) -> Frames:
    """Return the means of two by two pixels of an (H, W, 3) frame."""
    wide = frame.astype(np.uint16)
    pairs = wide[:, ::2] + wide[:, 1::2]
    return ((pairs[::2] + pairs[1::2] + 2) // 4).astype(np.uint8)
