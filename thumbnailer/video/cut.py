"""Frames of chosen seconds, cut out of a video by seeking, at thumbnail size."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.container import open_video
from thumbnailer.video.decode import first_pictures
from thumbnailer.video.framing import Framing, Layout
from thumbnailer.video.picture import Picture
from thumbnailer.video.projector import Projector
from thumbnailer.video.scale import Scaler
from thumbnailer.video.ticks import TICKS_PER_S

CUT_VERSION = 6  # to be raised when other frames would be cut of the same shots
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
    runs: list[list[NDArray[np.uint8]]] = [[] for _ in times_s]
    for run, frame in cut_runs(path, times_s, framing, settings):
        runs[run].append(frame)
    return runs


def cut_runs(
    path: str | Path,
    times_s: Sequence[Sequence[float]],
    framing: Framing = IN_A_CARD,
    settings: FilmSettings = DEFAULT_FILM,
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield the frames on screen half a tick after the times of all runs, in the film's order.

    So what lies between keyframes is decoded once for all runs, though they may overlap.

    Args:
        path: the video.
        times_s: runs of increasing seconds since the video's first frame, which is on screen before
            it, too.
        framing: the part of the picture and its size.
        settings: the ways in which the film may be read.

    Yields:
        the number of a run, and the next of its (height, width, 3) uint8 RGB frames, all of one
        size and not to be changed, since other runs may have the same.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    with open_video(path, settings) as video:
        first, sound = first_pictures(video)  # a damaged one may have another shape
        camera = _Camera(framing.layout(sound.shown_size))
        with closing(Projector(video, first)) as projector:
            for moments in _together(times_s):
                pictures = projector.pictures([HALF_TICK_S + time_s for time_s, _ in moments])
                for picture, (_, run) in zip(pictures, moments, strict=True):
                    yield run, camera(picture)


def _together(times_s: Sequence[Sequence[float]]) -> Iterator[list[tuple[float, int]]]:
    """Yield the times in the film's order, each with its run's number: all of overlapping runs."""
    together: list[tuple[float, int]] = []
    for run in sorted(range(len(times_s)), key=lambda each: times_s[each][0]):
        if together and times_s[run][0] > max(together)[0]:
            yield sorted(together)
            together = []
        together += [(time_s, run) for time_s in times_s[run]]
    if together:
        yield sorted(together)


class _Camera:
    """Makes arrays of a layout's part of each picture."""

    def __init__(self, layout: Layout) -> None:
        self._scale = Scaler(layout.width, layout.height, keep_shape=True)
        self._layout = layout
        self._latest: tuple[Picture, NDArray[np.uint8]] | None = None

    def __call__(self, picture: Picture) -> NDArray[np.uint8]:
        if self._latest is None or self._latest[0] is not picture:
            part = self._scale(picture)[self._layout.rows, self._layout.columns]
            self._latest = picture, np.ascontiguousarray(part)
        return self._latest[1]
