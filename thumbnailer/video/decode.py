"""Decodes the frames of an open video one after the other, past what is damaged."""

from collections.abc import Iterator

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from thumbnailer.errors import DecodeFailedError, EncryptedVideoError
from thumbnailer.video.container import OpenVideo, check_memory, check_pixels

DEFAULT_FRAME_S = 1 / 25


def decoded_frames(video: OpenVideo) -> Iterator[tuple[float, VideoFrame]]:
    """Yield (time stamp in seconds, frame) from where the container stands.

    A packet that cannot be decoded is skipped and counted in ``video.skipped_packets``; a
    container that breaks off ends the frames. A frame without time stamp follows its predecessor.

    Raises:
        VideoTooLargeError: where the picture grows beyond reason midway.
    """
    next_s = 0.0
    for packet in packets_of(video):
        for frame in _decode(video, packet):
            check_pixels(video.path, frame.width, frame.height)
            time_s = next_s if frame.pts is None else frame.time
            next_s = time_s + frame_length_s(video, frame)
            yield time_s, frame


def frame_length_s(video: OpenVideo, frame: VideoFrame) -> float:
    """Return how long the frame is shown, by itself or else by the stream's frame rate."""
    if frame.duration and frame.time_base:
        return float(frame.duration * frame.time_base)
    rate = video.stream.average_rate
    return float(1 / rate) if rate else DEFAULT_FRAME_S


def first_frame(video: OpenVideo) -> tuple[float, VideoFrame]:
    """Decode and return the first frame with its time stamp.

    Raises:
        DecodeFailedError: where not one frame can be decoded.
    """
    for time_s, frame in decoded_frames(video):
        return time_s, frame
    raise no_frames(video)


def no_frames(video: OpenVideo) -> DecodeFailedError:
    """Return the error that says that nothing could be decoded."""
    codec = video.stream.codec_context.name
    return DecodeFailedError(
        f"{video.path}: no frame of its {codec} track could be decoded "
        f"({video.skipped_packets} packets tried): it is damaged; export it again"
    )


def packets_of(video: OpenVideo) -> Iterator["Packet[VideoStream]"]:
    """Yield the stream's packets until the container ends or breaks off.

    Raises:
        EncryptedVideoError: where a packet is encrypted.
    """
    try:
        for packet in video.container.demux(video.stream):
            if packet.has_sidedata("encryption_info"):
                raise EncryptedVideoError(
                    f"{video.path} is encrypted: export it again without copy protection"
                )
            yield packet
    except (av.FFmpegError, OSError):
        _skip(video)


def _decode(video: OpenVideo, packet: "Packet[VideoStream]") -> list[VideoFrame]:
    if packet.size == 0 and packet.dts is not None:
        return []  # Theora and VFR files say so that the frame before stays on screen
    try:
        frames = packet.decode()
    except (av.FFmpegError, OSError):
        _skip(video)
        return []
    return [frame for frame in frames if isinstance(frame, VideoFrame)]


def _skip(video: OpenVideo) -> None:
    codec = video.stream.codec_context
    check_memory(video.path, codec.width * codec.height)
    video.skipped_packets += 1
