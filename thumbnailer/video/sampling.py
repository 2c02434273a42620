"""One decoding pass at a steady rate: gray pictures to measure, colour ones for features.

Only the frame at hand is in memory, however long the video is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from thumbnailer.errors import VideoTooLongError
from thumbnailer.video.container import OpenVideo, open_video
from thumbnailer.video.decode import decoded_frames, frame_length_s, no_frames
from thumbnailer.video.scale import Scaler

TICKS_PER_S = 12
FEATURE_FRAMES_PER_S = 3
TICKS_PER_FEATURE_FRAME = TICKS_PER_S // FEATURE_FRAMES_PER_S
GRAY_WIDTH, GRAY_HEIGHT = 64, 36
MAX_DURATION_S = 4 * 3600


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame and the ticks (twelfths of a second) at which it is the one on screen.

    Attributes:
        first_tick: the first tick, counted from the first frame of the video.
        end_tick: one past the last.
        gray: (36, 64) uint8 luma, full range.
        rgb: (size, size, 3) uint8, squashed to a square; None where no feature frame is due.
    """

    first_tick: int
    end_tick: int
    gray: NDArray[np.uint8]
    rgb: NDArray[np.uint8] | None

    @property
    def feature_frames(self) -> int:
        """How many feature frames (thirds of a second) fall on this sample."""
        return _feature_frames_before(self.end_tick) - _feature_frames_before(self.first_tick)


@dataclass(slots=True)
class DecodingLog:
    """What the pass met on its way, filled while it runs: packets that could not be decoded."""

    skipped_packets: int = 0


def sample_video(path: str | Path, *, rgb_size: int, log: DecodingLog) -> Iterator[Sample]:
    """Yield the video's samples in order, without gaps from tick 0 on.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    with open_video(path) as video:
        gray = Scaler(GRAY_WIDTH, GRAY_HEIGHT, "gray")
        rgb = Scaler(rgb_size, rgb_size, "rgb24")
        for first, end, frame in _held_frames(video):
            colour = (
                rgb(frame) if _feature_frames_before(end) > _feature_frames_before(first) else None
            )
            yield Sample(first, end, gray(frame), colour)
        log.skipped_packets = video.skipped_packets


def _held_frames(video: OpenVideo) -> Iterator[tuple[int, int, VideoFrame]]:
    """Yield (first tick, end tick, frame) for the frames that are on screen at some tick.

    A tick shows the last frame that has begun by half a tick later.
    """
    start_s = end_s = 0.0
    held: VideoFrame | None = None
    shown_until = 0
    for time_s, frame in decoded_frames(video):
        if held is None:
            start_s = time_s
        tick = _tick(video, time_s - start_s)
        if held is not None and tick > shown_until:
            yield shown_until, tick, held
            shown_until = tick
        held, end_s = frame, time_s - start_s + frame_length_s(video, frame)
    if held is None:
        raise no_frames(video)
    end = max(1, _tick(video, end_s))
    if end > shown_until:
        yield shown_until, end, held


def _tick(video: OpenVideo, time_s: float) -> int:
    if time_s > MAX_DURATION_S:
        raise VideoTooLongError(
            f"{video.path} has a frame at {time_s:.0f} s, must end by {MAX_DURATION_S} s: "
            "cut it, or export it again if its time stamps jump"
        )
    return round(time_s * TICKS_PER_S)


def _feature_frames_before(tick: int) -> int:
    return -(-tick // TICKS_PER_FEATURE_FRAME)
