"""Frames of chosen seconds, cut out of a video by seeking, at thumbnail size."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.clock import RESTARTED
from thumbnailer.video.container import OpenVideo, counted, open_video
from thumbnailer.video.decode import FilmFrame, film_frames, first_picture, no_frames
from thumbnailer.video.framing import Framing, Layout
from thumbnailer.video.picture import Picture
from thumbnailer.video.sampling import TICKS_PER_S
from thumbnailer.video.scale import Scaler

CUT_VERSION = 4  # to be raised when other frames are cut of the same shots
BOX = (320, 180)
IN_A_CARD = Framing(BOX)
SEEK_MARGIN_S = 0.05  # time stamps are rounded
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
    return list(cut_runs(path, times_s, framing, settings))


def cut_runs(
    path: str | Path,
    times_s: Sequence[Sequence[float]],
    framing: Framing = IN_A_CARD,
    settings: FilmSettings = DEFAULT_FILM,
) -> Iterator[list[NDArray[np.uint8]]]:
    """Yield, for each run of increasing times, the frames on screen half a tick later.

    Args:
        path: the video.
        times_s: runs of seconds since the video's first frame, which is on screen before it, too;
            one seek a run.
        framing: the part of the picture and its size.
        settings: the ways in which the film may be read.

    Yields:
        runs of (height, width, 3) uint8 RGB frames, all of one size.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    with open_video(path, settings) as video:
        first = first_picture(video)
        camera = _Camera(framing.layout(first.shown_size))
        start_stamp_s = first.frame.time if _is_steady(video) else None
        for run in times_s:
            moments_s = [HALF_TICK_S + time_s for time_s in run]
            yield _run(video, moments_s, start_stamp_s, camera)


class _Camera:
    """Makes arrays of a layout's part of each picture."""

    def __init__(self, layout: Layout) -> None:
        self._scale = Scaler(layout.width, layout.height, keep_shape=True)
        self._layout = layout

    def __call__(self, picture: Picture) -> NDArray[np.uint8]:
        part = self._scale(picture)[self._layout.rows, self._layout.columns]
        return np.ascontiguousarray(part)


def _is_steady(video: OpenVideo) -> bool:
    """Tell whether time stamps lead to seconds of film, so that one can seek by them."""
    if video.container.format.name not in RESTARTED:
        return True
    with open_video(video.path, video.settings) as again:
        return counted(again).jumps == 0


def _run(
    video: OpenVideo, times_s: Sequence[float], start_stamp_s: float | None, camera: _Camera
) -> list[NDArray[np.uint8]]:
    """Return the frames on screen at these seconds of film.

    Args:
        video: an open video.
        times_s: increasing.
        start_stamp_s: the time stamp at which the film begins; None where it cannot be sought by.
        camera: makes arrays of frames.
    """
    if start_stamp_s is not None and _seek(video, start_stamp_s + times_s[0]):
        sought = film_frames(video, start_stamp_s)
        first = next(sought, None)
        if first is not None and _is_sound(first, times_s[0]):
            return _on_screen(video, chain([first], sought), times_s, camera)
    with open_video(video.path, video.settings) as again:
        return _on_screen(again, film_frames(again), times_s, camera)


def _on_screen(
    video: OpenVideo, film: Iterable[FilmFrame], times_s: Sequence[float], camera: _Camera
) -> list[NDArray[np.uint8]]:
    """Return the frames on screen at these seconds, the last sound one in place of damaged ones."""
    frames: list[NDArray[np.uint8]] = []
    shown: FilmFrame | None = None
    for each in film:
        while (
            shown is not None
            and not shown.errors
            and len(frames) < len(times_s)
            and times_s[len(frames)] < each.start_s
        ):
            frames.append(camera(shown.picture))
        if len(frames) == len(times_s):
            return frames
        if shown is None or shown.errors or not each.errors:
            shown = each
    if shown is None:
        raise no_frames(video)
    return frames + [camera(shown.picture)] * (len(times_s) - len(frames))


def _is_sound(first: FilmFrame, wanted_s: float) -> bool:
    """Tell whether a seek landed on a keyframe that is whole and not after the moment wanted.

    In a container without an index, or with a wrong one, it may land too late, or between
    keyframes, where the decoder would show rubbish; then the file is read from its start.
    """
    return first.is_key and not first.errors and first.start_s <= wanted_s + SEEK_MARGIN_S


def _seek(video: OpenVideo, stamp_s: float) -> bool:
    """Go to the keyframe before this time stamp; false where the container cannot."""
    time_base = video.stream.time_base
    try:
        video.container.seek(int(stamp_s / time_base) if time_base else 0, stream=video.stream)
    except (av.FFmpegError, OSError):
        return False
    if video.decoder.is_open:
        video.decoder.flush_buffers()
    return True
