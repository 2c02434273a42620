"""The share of the coded film that was lost on the way to a picture.

Decoders fill what they cannot read by guesses (error concealment), and all pictures up to the next
keyframe are built on the guess. They say so for the picture at fault alone, and some only in their
log. A gap in the time stamps is no damage: cameras leave frames out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av.logging
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# Of what FFmpeg's decoders of MPEG-1, 2, 4, H.264 and H.265 say: parts that tell of lost pictures.
COMPLAINTS = (
    "damaged",
    "slice mismatch",
    "invalid cbp",
    "invalid mb type",
    "error while decoding MB",
    "Error at MB",
    "Could not find ref",
    "undecodable NALU",
)


@dataclass(slots=True)
class Complaints:
    """Whether a decoder complained."""

    heard: bool = False


@contextmanager
def listening() -> Iterator[Complaints]:
    """Listen to what decoders in this thread log meanwhile."""
    found, level = Complaints(), av.logging.get_level()
    skips = av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.WARNING)
    av.logging.set_skip_repeated(False)  # or a complaint made twice is heard once, or late
    try:
        with av.logging.Capture() as logs:
            yield found
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skips)
        found.heard = any(part in message for _, _, message in logs for part in COMPLAINTS)


class DamageWatch:
    """Counts what was lost since the last keyframe that is whole."""

    def __init__(self) -> None:
        self._errors = 0
        self._lost_at: int | None = None  # a time stamp

    def lose(self, packet: "Packet[VideoStream]") -> None:
        """Note a packet that is incomplete or cannot be decoded."""
        self._errors += 1
        self._lost_at = packet.pts

    def errors(self, frame: VideoFrame) -> int:
        """Return how much was lost on the way to this frame; frames come in play order."""
        if frame.is_corrupt:
            self._errors += 1
        elif frame.key_frame and self._is_after_loss(frame):
            self._errors = 0
        return self._errors

    def _is_after_loss(self, frame: VideoFrame) -> bool:
        """Tell whether the keyframe was coded after the loss: decoders hand frames out later."""
        return self._lost_at is None or frame.pts is None or frame.pts > self._lost_at
