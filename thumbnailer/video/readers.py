"""Readers of packets: they tell where a picture does not end with its packet, which has changed.

Decoders of H.265 and VP8 take any bits for a picture, and say nothing.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

import av
from av.video.stream import VideoStream

from thumbnailer.video.h265 import H265Reader
from thumbnailer.video.vp8.frame import Vp8Reader

# A reader of H.265 keeps pictures for others, as the decoder does: larger ones take much memory.
LARGEST_PX = 4096 * 2304


class Reader(Protocol):
    """Reads the packets of one stream in their order, from a keyframe on."""

    def is_whole(self, content: bytes, *, reads_all: bool) -> bool | None:
        """Tell whether a packet ends where its picture does; None where it is not read.

        Args:
            content: of the packet.
            reads_all: whether to read a picture that is no keyframe; those before it must have
                been read since the last keyframe.
        """


@contextmanager
def reader_of(stream: VideoStream) -> Iterator[Reader | None]:
    """Open the reader of a stream's packets; None where its codec has none."""
    with ExitStack() as open_readers:
        yield _opened(stream, open_readers)


def _opened(stream: VideoStream, open_readers: ExitStack) -> Reader | None:
    codec = stream.codec_context
    if codec.name == "vp8":
        return Vp8Reader()
    if codec.name != "hevc" or codec.width * codec.height > LARGEST_PX:
        return None
    try:
        return open_readers.enter_context(H265Reader.of(stream))
    except (av.FFmpegError, OSError):
        return None  # its header is damaged: the decoder says so
