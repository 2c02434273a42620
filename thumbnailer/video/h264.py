"""Pictures of H.264, read by a second decoder that asks for more rows than are coded.

Each picture says at its last macroblock that it ends; from a changed bit on an arithmetic decoder
reads other symbols, and hardly ever meets that mark just there. FFmpeg's decoder does not look: at
the last macroblock it stops. Of a picture that seems to be taller it reads on, unless the mark is
there, and notices where it has come; the rows that were added it is told to miss. One that goes on
over all of them it takes for whole, so they are many: what is left is soon read to its end.
"""

from contextlib import suppress
from functools import partial
from typing import Any, Self

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from thumbnailer.video.damage import listening
from thumbnailer.video.h264_units import PARAMETERS, kind_of, size_bytes_of, units_of, with_units
from thumbnailer.video.reading import Extent
from thumbnailer.video.sequence_parameters import taller, taller_unit

BLOCK_PX = 16
# Added macroblocks: of 1,450 damaged pictures of 160 x 90 a reader of 20 more knew all but 140,
# of 160 all but 16, of 640 all but 14.
LEAST_ADDED, LEAST_ROWS = 320, 2
# What FFmpeg says where other rows are missing than those that were added.
ENDS_WRONGLY = ("concealing ",)
# Nobody sees these pictures: edges are left as they are, and what is missing is hardly filled.
OPTIONS = {"skip_loop_filter": "all", "flags2": "fast", "ec": "favor_inter"}


class H264Reader:
    """Reads the packets of one stream in their order, from a keyframe on."""

    def __init__(self, decoder: VideoCodecContext, size_bytes: int, rows: int) -> None:
        self._decoder, self._size_bytes = decoder, size_bytes
        self._raise = partial(taller_unit, rows=rows)
        self._is_on = False

    @classmethod
    def of(cls, stream: VideoStream) -> Self:
        """Return a reader of the stream."""
        decoder = CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)  # noqa: S101  as that is
        description, rows = stream.codec_context.extradata or b"", rows_added(stream.width)
        decoder.extradata = taller(description, rows)
        decoder.options = OPTIONS | {"skip_bottom": str(rows)}
        decoder.thread_count = 1
        return cls(decoder, size_bytes_of(description), rows)

    def is_whole(self, packet: "Packet[VideoStream]", extent: Extent) -> bool | None:
        """Tell whether a packet ends where its picture does (thumbnailer.video.reading)."""
        if packet.is_keyframe and not self._is_on and self._decoder.is_open:
            self._decoder.flush_buffers()
        self._is_on = packet.is_keyframe or (self._is_on and extent is not Extent.KEYFRAMES)
        if not self._is_on:
            return None
        self._decoder.skip_frame = "NONREF" if extent is Extent.BUILT_ON else "DEFAULT"
        with listening(ENDS_WRONGLY) as complaints, suppress(av.FFmpegError, OSError):
            self._decoder.decode(self._raised(packet))
        return not complaints.heard

    def _raised(self, packet: "Packet[VideoStream]") -> "Packet[Any]":
        """Return the packet with all sets of parameters in it, if any, telling of more rows."""
        content = bytes(packet)
        if all(kind_of(unit) != PARAMETERS for unit in units_of(content, self._size_bytes)):
            return packet
        return Packet(with_units(content, self._size_bytes, self._raise))


def rows_added(width: int) -> int:
    """Return how many rows of macroblocks a reader asks for in addition, an even number.

    Args:
        width: of the picture, in pixels.
    """
    pairs = -(-LEAST_ADDED * BLOCK_PX // max(BLOCK_PX, width)) // 2
    return max(LEAST_ROWS, 2 * pairs)
