"""The frames that a thumbnail's files are made of, once and twice as large."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np

from thumbnailer.encode.parts.footage import Frames
from thumbnailer.encode.settings import EncoderSettings
from thumbnailer.results import WHOLE, Part
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.framing import Framing


@dataclass(frozen=True, slots=True)
class Shots:
    """Frames of shots, (S, N, H, W, 3) RGB.

    Attributes:
        frames: that fit the box.
        large: twice as wide and high, where the film has the pixels; the same frames where not.
    """

    frames: Frames
    large: Frames

    @classmethod
    def of(cls, frames: Frames) -> Self:
        """Return shots of which there are no larger frames."""
        return cls(frames, frames)

    @property
    def has_large(self) -> bool:
        """Tell whether there are larger frames."""
        return self.large is not self.frames


def cut_shots(
    path: str | Path,
    times_s: Sequence[Sequence[float]],
    settings: EncoderSettings,
    part: Part = WHOLE,
) -> Shots:
    """Return the frames at these times of each shot, in the order given.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    most = 2 if settings.wide else 1
    shape = {"turns": not settings.fills, "fills": settings.fills}
    runs = cut_frames(path, times_s, Framing(settings.box, part, most=most, **shape), settings.film)
    shots = np.stack(list(chain.from_iterable(runs)))
    shots = shots.reshape(len(times_s), -1, *shots.shape[1:])
    if settings.fills:
        shots = np.stack([_filling(shot, settings.box) for shot in shots])
    is_large = max(shots.shape[2:4]) > max(settings.box)
    return Shots(_halved(shots), shots) if is_large else Shots.of(shots)


def _filling(shot: Frames, box: tuple[int, int]) -> Frames:
    """Cut a shot, (N, H, W, 3), to the box's shape around what stands out."""
    from thumbnailer.encode.crop import best_window  # noqa: PLC0415  its networks take 20 MB

    _, height, width, _ = shot.shape
    times = min(width / box[0], height / box[1])
    step = 4 if times > 1 else 2
    window_width, window_height = (int(side * times + 1e-6) // step * step for side in box)
    rows, columns = best_window(shot, window_width, window_height)
    return shot[:, rows, columns]


def _halved(frames: Frames) -> Frames:
    """Return the means of two by two pixels."""
    wide = frames.astype(np.uint16)
    pairs = wide[..., ::2, :, :] + wide[..., 1::2, :, :]
    return ((pairs[..., ::2, :] + pairs[..., 1::2, :] + 2) // 4).astype(np.uint8)
