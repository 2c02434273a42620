"""Frames of chosen seconds, cut out of a video by seeking, at thumbnail size."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.container import open_video
from thumbnailer.video.decode import first_picture
from thumbnailer.video.framing import Framing, Layout
from thumbnailer.video.picture import Picture
from thumbnailer.video.projector import Projector
from thumbnailer.video.sampling import TICKS_PER_S
from thumbnailer.video.scale import Scaler

CUT_VERSION = 5  # to be raised when other frames would be cut of the same shots
BOX = (320, 180)
IN_A_CARD = Framing(BOX)
# As in the decoding pass, a moment shows the last frame that has begun by half a tick later: a shot
# that begins with a cut must not show the scene before.
HALF_TICK_S = 0.5 / TICKS_PER_S + 1e-6


def cut_frames(
    path: str | Path,
    times_s: Sequence[Sequence[float]],
    framing: Framing = IN_A_CARD,
    settings: FilmSettings = DEFAULT_FILM,
) -> list[list[NDArray[np.uint8]]]:
    """Return, for each run of increasing times, the frames on screen half a tick later.

    Args and errors are those of `cut_runs`.
    """
    runs = {number: list(run) for number, run in cut_runs(path, times_s, framing, settings)}
    return [runs[number] for number in range(len(runs))]


def cut_runs(
    path: str | Path,
    times_s: Sequence[Sequence[float]],
    framing: Framing = IN_A_CARD,
    settings: FilmSettings = DEFAULT_FILM,
) -> Iterator[tuple[int, Iterator[NDArray[np.uint8]]]]:
    """Yield, for each run of increasing times, the frames on screen half a tick later.

    Each run is to be taken to its end before the next: its frames are decoded as they are taken.

    Args:
        path: the video.
        times_s: runs of seconds since the video's first frame, which is on screen before it, too.
        framing: the part of the picture and its size.
        settings: the ways in which the film may be read.

    Yields:
        the number of a run, and its (height, width, 3) uint8 RGB frames, all of one size: runs in
        the order of the film, so that what lies between keyframes is decoded once for all.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    with open_video(path, settings) as video:
        first = first_picture(video)
        camera = _Camera(framing.layout(first.shown_size))
        with closing(Projector(video, first)) as projector:
            for number in sorted(range(len(times_s)), key=lambda each: times_s[each][0]):
                moments_s = [HALF_TICK_S + time_s for time_s in times_s[number]]
                yield number, map(camera, projector.pictures(moments_s))


class _Camera:
    """Makes arrays of a layout's part of each picture."""

    def __init__(self, layout: Layout) -> None:
        self._scale = Scaler(layout.width, layout.height, keep_shape=True)
        self._layout = layout

    def __call__(self, picture: Picture) -> NDArray[np.uint8]:
        part = self._scale(picture)[self._layout.rows, self._layout.columns]
        return np.ascontiguousarray(part)
