"""Pictures of H.264, read by a second decoder that asks for two rows more than are coded.

Each picture says at its last macroblock that it ends; from a changed bit on an arithmetic decoder
reads other symbols, and hardly ever meets that mark just there. FFmpeg's decoder does not look: at
the last macroblock it stops. Of a picture that seems to be taller it reads on, unless the mark is
there, and notices where it has come; two missing rows it is told to expect.
"""

from contextlib import suppress
from typing import Self

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from thumbnailer.video.damage import listening
from thumbnailer.video.reading import Extent
from thumbnailer.video.sequence_parameters import AVC_CONFIGURATION, EXTRA_ROWS, taller

# What FFmpeg says where other rows are missing than those that were asked for beyond the end.
ENDS_WRONGLY = ("concealing ",)
# Nobody sees these pictures: edges are left as they are, and what is missing is hardly filled.
OPTIONS = {
    "skip_bottom": str(EXTRA_ROWS),
    "skip_loop_filter": "all",
    "flags2": "fast",
    "ec": "favor_inter",
}


class H264Reader:
    """Reads the packets of one stream in their order, from a keyframe on."""

    def __init__(self, decoder: VideoCodecContext, *, has_start_codes: bool) -> None:
        self._decoder, self._has_start_codes = decoder, has_start_codes
        self._is_on = False

    @classmethod
    def of(cls, stream: VideoStream) -> Self:
        """Return a reader of the stream."""
        decoder = CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)  # noqa: S101  as that is
        description = stream.codec_context.extradata or b""
        decoder.extradata, decoder.options = taller(description), OPTIONS
        decoder.thread_count = 1
        return cls(decoder, has_start_codes=not description.startswith(AVC_CONFIGURATION))

    def is_whole(self, packet: "Packet[VideoStream]", extent: Extent) -> bool | None:
        """Tell whether a packet ends where its picture does (thumbnailer.video.reading)."""
        if packet.is_keyframe and not self._is_on and self._decoder.is_open:
            self._decoder.flush_buffers()
        self._is_on = packet.is_keyframe or (self._is_on and extent is not Extent.KEYFRAMES)
        if not self._is_on:
            return None
        self._decoder.skip_frame = "NONREF" if extent is Extent.BUILT_ON else "DEFAULT"
        content = Packet(taller(bytes(packet))) if self._has_start_codes else packet
        with listening(ENDS_WRONGLY) as complaints, suppress(av.FFmpegError, OSError):
            self._decoder.decode(content)
        return not complaints.heard
