"""Seeks to chosen seconds of a video and cuts out their frames at thumbnail size."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from thumbnailer.video.container import OpenVideo, open_video
from thumbnailer.video.decode import decoded_frames, first_frame, no_frames
from thumbnailer.video.scale import Scaler, display_size, fit, quarter_turn

BOX_WIDTH, BOX_HEIGHT = 320, 180
SEEK_MARGIN_S = 0.05  # time stamps are rounded


def cut_frames(
    path: str | Path, times_s: Sequence[Sequence[float]]
) -> list[list[NDArray[np.uint8]]]:
    """Return, for each run of increasing times, the frames on screen then.

    Args:
        path: the video.
        times_s: runs of seconds since the video's first frame; one seek a run.

    Returns:
        as many runs of (height, width, 3) uint8 RGB frames, all of one size that fits into
        320 x 180.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    with open_video(path) as video:
        start_s, frame = first_frame(video)
        scale = _thumbnail_scaler(video, frame)
        return [_run(video, [start_s + time_s for time_s in run], scale) for run in times_s]


def _thumbnail_scaler(video: OpenVideo, frame: VideoFrame) -> Scaler:
    aspect = video.stream.sample_aspect_ratio
    shown = display_size(frame.width, frame.height, aspect, quarter_turn(frame))
    return Scaler(*fit(*shown, BOX_WIDTH, BOX_HEIGHT), "rgb24")


def _run(video: OpenVideo, times_s: Sequence[float], scale: Scaler) -> list[NDArray[np.uint8]]:
    """Return the frames on screen at these time stamps (seconds, as in the stream)."""
    frames: list[NDArray[np.uint8]] = []
    shown: VideoFrame | None = None
    for time_s, frame in _frames_from(video, times_s[0]):
        while shown is not None and len(frames) < len(times_s) and times_s[len(frames)] < time_s:
            frames.append(scale(shown))
        if len(frames) == len(times_s):
            return frames
        shown = frame
    if shown is None:
        raise no_frames(video)
    return frames + [scale(shown)] * (len(times_s) - len(frames))


def _frames_from(video: OpenVideo, time_s: float) -> Iterator[tuple[float, VideoFrame]]:
    """Yield the frames from the one on screen at ``time_s`` on, or from a little before it.

    A seek in a container without an index, or with a wrong one, may land too late or between
    keyframes, where the decoder would show rubbish; then the file is read from its start.
    """
    _seek(video, time_s)
    frames = decoded_frames(video)
    first = next(frames, None)
    if first is None or first[0] > time_s + SEEK_MARGIN_S or not first[1].key_frame:
        _seek(video, 0.0)
        frames = decoded_frames(video)
        first = next(frames, None)
    if first is not None:
        yield first
        yield from frames


def _seek(video: OpenVideo, time_s: float) -> None:
    stream = video.stream
    time_base = stream.time_base
    assert time_base is not None  # noqa: S101  # the demuxer gives every video stream one
    try:
        video.container.seek(int(time_s / time_base), stream=stream)
    except (av.FFmpegError, OSError):
        video.container.seek(0)
