"""A reader of packets, and how much it reads (thumbnailer.video.readers opens them)."""

from enum import Enum, auto
from typing import Protocol

from av.packet import Packet
from av.video.stream import VideoStream


class Extent(Enum):
    """How much is read: keyframes, pictures that others are built on as well, or all."""

    KEYFRAMES = auto()
    BUILT_ON = auto()
    ALL = auto()


class Reader(Protocol):
    """Reads the packets of one stream in their order, from a keyframe on."""

    def is_whole(self, packet: "Packet[VideoStream]", extent: Extent) -> bool | None:
        """Tell whether a packet ends where its picture does; None where it is not read.

        Args:
            packet: the next of the stream.
            extent: how much is read. Pictures between keyframes are, where those before them
                have been since the last keyframe.
        """
