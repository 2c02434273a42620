"""Readers of packets: they tell where a picture does not end with its packet, which has changed.

Decoders of H.264, H.265 and VP8 take nearly any bits for a picture, and often say nothing.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import av
from av.video.stream import VideoStream

from thumbnailer.video.h264 import H264Reader
from thumbnailer.video.h265 import H265Reader
from thumbnailer.video.reading import Reader
from thumbnailer.video.vp8.frame import Vp8Reader

# A reader may keep pictures for others, as the decoder does: larger ones take much memory.
LARGEST_PX = 4096 * 2304


@contextmanager
def reader_of(stream: VideoStream) -> Iterator[Reader | None]:
    """Open the reader of a stream's packets; None where its codec has none."""
    with ExitStack() as open_readers:
        yield _opened(stream, open_readers)


def _opened(stream: VideoStream, open_readers: ExitStack) -> Reader | None:
    codec = stream.codec_context
    if codec.name == "vp8":
        return Vp8Reader()
    if codec.width * codec.height > LARGEST_PX:
        return None
    if codec.name == "h264":
        return H264Reader.of(stream)
    if codec.name != "hevc":
        return None
    try:
        return open_readers.enter_context(H265Reader.of(stream))
    except (av.FFmpegError, OSError):
        return None  # its header is damaged: the decoder says so
