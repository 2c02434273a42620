"""One decoding pass at a steady rate: gray pictures to measure, colour ones for features.

Only the frame at hand is in memory, however long the video is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import lcm
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.container import OpenVideo, open_video
from thumbnailer.video.decode import FilmFrame, film_frames, no_frames
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.limits import check_duration
from thumbnailer.video.scale import Scaler
from thumbnailer.video.ticks import TICKS_PER_S

FEATURE_FRAMES_PER_S = 3
GRAY_WIDTH, GRAY_HEIGHT = 64, 36


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame and the ticks (twelfths of a second) at which it is the one on screen.

    Attributes:
        first_tick: the first tick, counted from the first frame of the video.
        end_tick: one past the last; the first itself where no tick falls on this frame.
        gray: (36, 64) uint8 luma, full range.
        rgb: (size, size, 3) uint8, squashed to a square; None where no feature frame is due.
        feature_frames: how many feature frames fall on it.
        errors: how much was lost of the coded film on the way to it; 0 where it is sound.
        aspect: width by height of the picture as people see it.
    """

    first_tick: int
    end_tick: int
    gray: NDArray[np.uint8]
    rgb: NDArray[np.uint8] | None
    feature_frames: int = 0
    errors: int = 0
    aspect: float = 1.0


def sample_video(
    path: str | Path,
    *,
    rgb_size: int,
    rgb_per_s: int = FEATURE_FRAMES_PER_S,
    settings: FilmSettings = DEFAULT_FILM,
    log: DecodingLog,
) -> Iterator[Sample]:
    """Yield the video's samples in order, without gaps from tick 0 on.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    moments_per_s = lcm(TICKS_PER_S, rgb_per_s)
    tick, feature_frame = moments_per_s // TICKS_PER_S, moments_per_s // rgb_per_s
    with open_video(path, settings) as video:
        gray = Scaler(GRAY_WIDTH, GRAY_HEIGHT, gray=True, keep_shape=False)
        rgb = Scaler(rgb_size, rgb_size, keep_shape=False)
        for first, end, held in _held_frames(video, moments_per_s, log):
            ticks = round(first / tick), round(end / tick)
            due = _multiples_before(end, feature_frame) - _multiples_before(first, feature_frame)
            if due or ticks[1] > ticks[0]:
                colour = rgb(held.picture) if due else None
                width, height = held.picture.shown_size
                luma, aspect = gray(held.picture), width / height
                yield Sample(*ticks, luma, colour, due, held.errors, aspect)


def _multiples_before(moment: int, step: int) -> int:
    return -(-moment // step)


def _held_frames(
    video: OpenVideo, moments_per_s: int, log: DecodingLog
) -> Iterator[tuple[int, int, FilmFrame]]:
    """Yield (first moment, end moment, frame) for the frames that are on screen at some moment.

    A moment shows the last frame that has begun by half the time to the next.
    """
    held: FilmFrame | None = None
    shown_until, skipped = 0, 0
    for each in film_frames(video):
        log.note(each)
        moment = _moment(video, each.start_s, moments_per_s)
        if held is not None and moment > shown_until:
            is_lossy = video.skipped_packets > skipped
            over = _moment(video, held.end_s, moments_per_s) if is_lossy else moment
            yield from _shown(held, shown_until, moment, over)
            shown_until = moment
        held, skipped = each, video.skipped_packets
    if held is None:
        raise no_frames(video)
    log.finish(video)
    # A video is at least a tick long, or there would be nothing to measure.
    end = max(moments_per_s // TICKS_PER_S, _moment(video, held.end_s, moments_per_s))
    if end > shown_until:
        yield shown_until, end, held


def _shown(
    held: FilmFrame, first: int, end: int, over: int
) -> Iterator[tuple[int, int, FilmFrame]]:
    """Yield a frame and the moments that show it: those after its own time stand for lost ones."""
    own_end = min(end, max(first, over))
    if own_end > first:
        yield first, own_end, held
    if end > own_end:
        yield own_end, end, replace(held, errors=max(1, held.errors))


def _moment(video: OpenVideo, time_s: float, moments_per_s: int) -> int:
    check_duration(video.path, time_s, video.settings.longest_s)
    return round(time_s * moments_per_s)
