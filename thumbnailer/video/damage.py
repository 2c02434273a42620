"""The share of the coded film that was lost on the way to a picture.

Decoders fill what they cannot read by guesses (error concealment), and all pictures up to the next
keyframe are built on the guess. They say so for the picture at fault alone, and some only in their
log; so do containers. A gap in the time stamps is no damage: cameras leave frames out.

Nor is a joint of two recordings. There the counter of MPEG-TS's packets jumps, as where some are
lost, and FFmpeg's reader marks a packet: not the last one but the one before it, since its parser
hands a picture out when the next one comes (mpegts.c, continuity check; demux.c, parse_packet).
At a joint all counters begin anew, or the clock does. Where the lost packets held where a picture
begins, the parser takes what is left of it for a part of the one before, and the mark is gone:
then the reader's log alone tells.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import av.logging
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from thumbnailer.video.checksums import Checksums
from thumbnailer.video.clock import LONGEST_GAP_S
from thumbnailer.video.counters import Counters

# Of what FFmpeg's decoders of MPEG-1, 2, 4, H.264 and H.265 say: parts that tell of lost pictures.
COMPLAINTS = (
    "damaged",
    "slice mismatch",
    "invalid cbp",
    "invalid mb type",
    "error while decoding MB",
    "Error at MB",
    "Could not find ref",
    "Missing reference picture",
    "reference picture missing",
    "concealing ",
    "undecodable NALU",
    "first frame is no keyframe",
)
# What FFmpeg's decoder of H.264 says, among what is meant for its makers, where the number of a
# picture does not follow on that of the last one. Some films are coded so, and then throughout.
GAP = "Frame num gap"
# Of what FFmpeg's reader of Matroska and WebM says: the packet before is not whole, or some that
# should follow it are lost. The other readers mark packets as corrupt, or know of nothing.
CONTAINER_COMPLAINTS = (
    "exceeds containing master element",
    "invalid as first byte of an EBML number",
    "indicated by an EBML number's first byte",
    "Invalid track number",
    "File ended prematurely",
    "Truncating packet",
)
MARKED = "Packet corrupt (stream = {},"  # FFmpeg, where its reader marks a packet (demux.c)
PACKETS_TO_A_JOINT = 2  # from the one that is marked to the first behind the joint


class Complaints:
    """Listens to FFmpeg in this thread while a block runs, for complaints and for gaps.

    Attributes:
        heard: whether FFmpeg complained.
        has_gap: whether it told of a gap.
    """

    __slots__ = "_capture", "_level_heard", "_levels", "_logs", "_parts", "has_gap", "heard"

    def __init__(self, parts: tuple[str, ...], level_heard: int) -> None:
        self._parts, self._level_heard = parts, level_heard
        self.heard = self.has_gap = False

    def __enter__(self) -> Self:
        self._levels = av.logging.get_level(), av.logging.get_skip_repeated()
        av.logging.set_level(self._level_heard)
        av.logging.set_skip_repeated(False)  # or a complaint made twice is heard once, or late
        self._capture = av.logging.Capture()
        self._logs = self._capture.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._capture.__exit__(None, None, None)
        level, skips = self._levels
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skips)
        for _, _, message in self._logs:
            self.heard = self.heard or any(part in message for part in self._parts)
            self.has_gap = self.has_gap or GAP in message

    def tells(self, part: str) -> bool:
        """Tell whether FFmpeg said so in the block, which is over."""
        return any(part in message for _, _, message in self._logs)


def listening(
    parts: tuple[str, ...] = COMPLAINTS, level_heard: int = av.logging.INFO
) -> Complaints:
    """Return what listens for these parts of what FFmpeg logs in this thread meanwhile.

    It is made twice for each packet, so it is no generator, which would take as long again.

    Args:
        parts: of complaints.
        level_heard: FFmpeg's level up to which messages are heard at all.
    """
    return Complaints(parts, level_heard)


class DamageWatch:
    """Counts what was lost since the last keyframe that is whole.

    Attributes:
        has_lost: whether anything was lost at all, besides what may be at joints.
    """

    def __init__(self) -> None:
        self.has_lost = False
        self._errors = 0
        self._jumps = 0
        self._lost_at: tuple[int, int] | None = None  # jumps of the clock, and a time stamp

    def lose(self, packet: "Packet[VideoStream]") -> None:
        """Note a packet that is incomplete or cannot be decoded."""
        self.has_lost = True
        self.doubt(packet)

    def doubt(self, packet: "Packet[VideoStream]") -> None:
        """Note a packet of which something may be lost, though that tells nothing of others."""
        self._errors += 1
        stamp = packet.dts if packet.pts is None else packet.pts
        self._lost_at = None if stamp is None else (self._jumps, stamp)

    def errors(self, frame: VideoFrame, jumps: int, *, is_key: bool) -> int:
        """Return how much was lost on the way to this frame.

        Args:
            frame: the next in play order.
            jumps: how often the clock of its time stamps has jumped so far.
            is_key: whether it is a keyframe.
        """
        self._jumps = jumps
        if frame.is_corrupt:
            self.has_lost = True
            self._errors += 1
        elif is_key and self._is_after_loss(frame):
            self._errors = 0
        return self._errors

    def _is_after_loss(self, frame: VideoFrame) -> bool:
        """Tell whether the keyframe was coded after the loss: decoders hand frames out later."""
        if self._lost_at is None or frame.pts is None:
            return True
        return (self._jumps, frame.pts) > self._lost_at


def judged_packets(
    packets: Iterable["Packet[VideoStream]"],
    checksums: Checksums | None,
    counters: Counters | None,
    damage: DamageWatch,
) -> Iterator["Packet[VideoStream]"]:
    """Yield packets when it is known whether they are whole and what follows was not lost.

    Args:
        packets: of a stream.
        checksums: of the container, where it has some.
        counters: likewise.
        damage: is told what is lost.
    """
    waiting: deque[_Overheard] = deque()
    for overheard in _overheard(packets):
        waiting.append(overheard)
        if len(waiting) > PACKETS_TO_A_JOINT:
            yield _judged(waiting, checksums, counters, damage)
    while waiting:
        yield _judged(waiting, checksums, counters, damage)


@dataclass(slots=True)
class _Overheard:
    """A packet, and what the container said about it.

    Attributes:
        packet: as it came.
        is_marked: whether it came with a mark, or with word of one.
        is_lost: whether the container complained when it was asked for the next.
    """

    packet: "Packet[VideoStream]"
    is_marked: bool
    is_lost: bool


def _overheard(packets: Iterable["Packet[VideoStream]"]) -> Iterator[_Overheard]:
    """Yield each packet when the container was asked for the next."""
    coming = iter(packets)
    packet, has_mark = next(coming, None), False
    while packet is not None:
        with listening(CONTAINER_COMPLAINTS) as complaints:
            following = next(coming, None)
        yield _Overheard(packet, packet.is_corrupt or has_mark, complaints.heard)
        has_mark = complaints.tells(MARKED.format(packet.stream_index))
        packet = following


def _judged(
    waiting: deque[_Overheard],
    checksums: Checksums | None,
    counters: Counters | None,
    damage: DamageWatch,
) -> "Packet[VideoStream]":
    """Take the packet that has waited longest, and note whether it is lost."""
    first = waiting.popleft()
    packet = first.packet
    if first.is_lost or _is_spoilt(packet, checksums):
        damage.lose(packet)
    elif first.is_marked and _is_at_joint([each.packet for each in waiting], counters):
        damage.doubt(packet)
    elif first.is_marked:
        damage.lose(packet)
        if waiting:  # as at joints, a mark that a parser hands on is meant for the next one
            waiting[0].is_lost = True
    return packet


def _is_at_joint(following: list["Packet[VideoStream]"], counters: Counters | None) -> bool:
    """Tell whether the second packet from here is the first keyframe of another recording."""
    if len(following) < PACKETS_TO_A_JOINT or not following[-1].is_keyframe:
        return False
    *_, last, first = following
    if counters and first.pos is not None and counters.begin_anew(first.pos):
        return True
    if last.dts is None or first.dts is None or first.time_base is None:
        return False
    step_s = float((first.dts - last.dts) * first.time_base)
    return not 0 < step_s <= LONGEST_GAP_S


def _is_spoilt(packet: "Packet[VideoStream]", checksums: Checksums | None) -> bool:
    return checksums is not None and packet.pos is not None and checksums.is_spoilt(packet.pos)
