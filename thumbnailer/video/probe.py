"""Tells what a video file is, from its header and its first frame."""

from dataclasses import dataclass
from math import nan
from pathlib import Path

from thumbnailer.video.container import OpenVideo, open_video
from thumbnailer.video.decode import first_frame, packets_of
from thumbnailer.video.scale import display_size, quarter_turn


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video as a viewer sees it.

    Attributes:
        duration_s: seconds, by the header, or by its packets where the header does not say.
        width: pixels as shown, after rotation and pixel aspect.
        height: likewise.
        fps: frames a second on average; nan where the header does not say.
        codec: the decoder's name, such as "h264".
    """

    duration_s: float
    width: int
    height: int
    fps: float
    codec: str


def probe(path: str | Path) -> VideoInfo:
    """Read the header and decode one frame.

    Raises:
        VideoError: one of its kinds, where the file cannot be used; the message says why.
    """
    with open_video(path) as video:
        _, frame = first_frame(video)
        stream = video.stream
        width, height = display_size(
            frame.width, frame.height, stream.sample_aspect_ratio, quarter_turn(frame)
        )
        rate = stream.average_rate
        return VideoInfo(
            duration_s=_duration_s(video),
            width=width,
            height=height,
            fps=float(rate) if rate else nan,
            codec=stream.codec_context.name,
        )


def _duration_s(video: OpenVideo) -> float:
    stream, container = video.stream, video.container
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration:
        return container.duration / 1_000_000
    with open_video(video.path) as again:
        return _duration_of_packets_s(again)


def _duration_of_packets_s(video: OpenVideo) -> float:
    spans_s = [
        (float(packet.pts * packet.time_base), float((packet.duration or 0) * packet.time_base))
        for packet in packets_of(video)
        if packet.pts is not None and packet.time_base
    ]
    if not spans_s:
        return 0.0
    return max(start + length for start, length in spans_s) - min(start for start, _ in spans_s)
