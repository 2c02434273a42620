"""The frames of an open video, decoded one after the other, past what is damaged."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import av
import av.logging
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from thumbnailer.errors import DecodeFailedError
from thumbnailer.video.clock import Clock
from thumbnailer.video.colour_space import check_colours
from thumbnailer.video.container import OpenVideo, packets_of, skip, stream_frame_s
from thumbnailer.video.damage import DamageWatch, judged_packets, listening
from thumbnailer.video.decoder import tells_no_keyframes
from thumbnailer.video.limits import check_pixels
from thumbnailer.video.picture import Picture
from thumbnailer.video.readers import reader_of
from thumbnailer.video.reading import Extent, Reader


@dataclass(frozen=True, slots=True)
class FilmFrame:
    """A decoded frame and its place in the film.

    Attributes:
        start_s: seconds of film at which it begins.
        end_s: at which the next one should.
        picture: the frame and how it is shown.
        errors: how much was lost of what it is built on; 0 where it is sound.
        is_key: whether it is built on no other.
        misread: how many packets that it is built on do not end where their pictures do, as far as
            they were read (thumbnailer.video.readers).
        is_sound: whether nothing is known to be wrong with it or what it is built on. Misread
            packets tell nothing of a film in which, so far, most are.
        is_at_joint: whether its errors tell of joints of recordings alone, where nothing need be
            lost, and not of damage.
    """

    start_s: float
    end_s: float
    picture: Picture
    errors: int
    is_key: bool
    misread: int
    is_sound: bool
    is_at_joint: bool = False


def film_frames(
    video: OpenVideo, start_stamp_s: float | None = None, *, reads_all: bool = False
) -> Iterator[FilmFrame]:
    """Yield the frames from where the container stands.

    A packet that cannot be decoded is skipped and counted in ``video.skipped_packets``; a
    container that breaks off ends the frames. A frame without time stamp follows its predecessor.

    Args:
        video: an open video.
        start_stamp_s: the time stamp at which the film begins; by default that of the first frame.
        reads_all: whether to read all packets to their end, and not keyframes alone as long as
            nothing is known to be lost.

    Raises:
        VideoTooLargeError: where the picture grows beyond reason midway.
    """
    clock = Clock(video.container.format.name, start_stamp_s)
    kept = video.checksums, video.counters
    damage, ends = DamageWatch(), DamageWatch()
    with reader_of(video.stream) as reader:
        for packet in judged_packets(packets_of(video), *kept, damage):
            is_lossy = damage.has_lost or (ends.has_lost and not video.ends_its_own_way)
            reads_all = reads_all or is_lossy
            if reader and not _is_whole(video, packet, reader, reads_all=reads_all):
                ends.lose(packet)
            for frame in _decode(video, packet, damage, ends):
                check_pixels(video.path, frame.width, frame.height)
                check_colours(video.path, frame)
                stamp_s = None if frame.pts is None else frame.time
                start_s = clock.time_s(stamp_s, _frame_length_s(video, frame))
                is_key = _is_keyframe(video, packet, frame)
                errors, misread = (
                    watch.errors(frame, clock.jumps, is_key=is_key) for watch in (damage, ends)
                )
                is_sound = not errors and (not misread or video.ends_its_own_way)
                is_at_joint = errors > 0 and not damage.has_lost
                faults = errors, is_key, misread, is_sound, is_at_joint
                yield FilmFrame(start_s, clock.end_s, video.picture(frame), *faults)


def leaves_out(video: OpenVideo) -> bool:
    """Tell whether the decoder can leave out frames on which no other is built, and them alone.

    Of H.265 FFmpeg would leave out some on which frames of a finer layer are built, too.
    """
    return video.decoder.name == "h264"


def sound_picture(video: OpenVideo) -> Picture:
    """Decode on to the first frame with which nothing is known to be wrong.

    A damaged one may have another size and shape than the film.

    Returns:
        it, or else the first frame of all.

    Raises:
        DecodeFailedError: where not one frame can be decoded.
    """
    return first_pictures(video)[1]


def first_pictures(video: OpenVideo) -> tuple[Picture, Picture]:
    """Decode the first frame, and on to the first with which nothing is known to be wrong.

    Returns:
        both, which mostly are one; twice the first frame where there is no such one.

    Raises:
        DecodeFailedError: where not one frame can be decoded.
    """
    first: Picture | None = None
    for each in film_frames(video):
        first = first or each.picture
        if each.is_sound:
            return first, each.picture
    if first is None:
        raise no_frames(video)
    return first, first


def no_frames(video: OpenVideo) -> DecodeFailedError:
    """Return the error that says that nothing could be decoded."""
    codec = video.stream.codec_context.name
    return DecodeFailedError(
        f"{video.path}: no frame of its {codec} track could be decoded "
        f"({video.skipped_packets} packets tried): it is damaged; export it again"
    )


def _is_keyframe(video: OpenVideo, packet: "Packet[VideoStream]", frame: VideoFrame) -> bool:
    return frame.key_frame or (packet.is_keyframe and tells_no_keyframes(video.decoder))


def _is_whole(
    video: OpenVideo, packet: "Packet[VideoStream]", reader: Reader, *, reads_all: bool
) -> bool:
    """Tell whether a packet ends where its picture does, as far as it is read; count those read."""
    extent = Extent.KEYFRAMES
    if reads_all:
        extent = Extent.ALL if _is_needed(video, packet) else Extent.BUILT_ON
    is_whole = reader.is_whole(packet, extent) if packet.size else None
    if is_whole is None:
        return True
    video.ends.add(is_wrong=not is_whole)
    return is_whole


def _is_needed(video: OpenVideo, packet: "Packet[VideoStream]") -> bool:
    """Tell whether a picture is asked for even if no other is built on it."""
    if video.needed_from_s == -math.inf:
        return True
    time_base = packet.time_base
    if packet.pts is None or time_base is None:
        return True
    return packet.pts * time_base.numerator / time_base.denominator >= video.needed_from_s


def _frame_length_s(video: OpenVideo, frame: VideoFrame) -> float:
    """Return how long the frame is shown, by itself or else by the stream's frame rate."""
    time_base = frame.time_base
    if frame.duration and time_base:
        return frame.duration * float(time_base)
    return stream_frame_s(video)


def _decode(
    video: OpenVideo, packet: "Packet[VideoStream]", damage: DamageWatch, ends: DamageWatch
) -> list[VideoFrame]:
    if packet.size == 0 and packet.dts is not None:
        return []  # Theora and VFR files say so that the frame before stays on screen
    if leaves_out(video):
        video.decoder.skip_frame = "DEFAULT" if _is_needed(video, packet) else "NONREF"
    is_h264 = video.decoder.name == "h264"
    level_heard = av.logging.DEBUG if is_h264 else av.logging.INFO
    try:
        with listening(level_heard=level_heard) as complaints:
            frames = video.decoder.decode(packet)
    except (av.FFmpegError, OSError):
        skip(video)
        damage.lose(packet)
        return []
    if complaints.heard:
        damage.lose(packet)
    follows_gap = complaints.has_gap and not packet.is_keyframe
    if is_h264:
        video.order.add(is_wrong=follows_gap)
    if follows_gap:
        ends.lose(packet)
    return list(frames)
