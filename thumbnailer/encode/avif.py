"""Animated AVIF by SVT-AV1, in ten bits."""

import os
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from struct import unpack_from

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.colour_tags import tag_colours
from thumbnailer.encode.parts.footage import Footage, Frames
from thumbnailer.encode.parts.scheduling import scheduling_kept
from thumbnailer.encode.parts.ten_bits import to_ten_bits

os.environ.setdefault("SVT_LOG", "0")  # or it tells on stderr how it is set up, every time

LARGE_PIXELS = 100_000
PRESET, PRESET_OF_LARGE = 8, 10  # 10: half the time of 8, a third more bytes at equal SSIM
# Frames refer to each other in groups of 16; of large pictures of 4, which take 28 MB less.
LEVELS, LEVELS_OF_LARGE = 4, 2
BEST_CRF, WORST_CRF = 1, 63  # 0 is none: FFmpeg leaves the choice to the encoder then
PIXELS = "yuv420p10le"  # fine steps in dark and smooth places; up to a quarter fewer bytes
# One thread: the same bytes on every machine. Tuned for SSIM. Only the first frame is whole.
PARAMETERS = "lp=1:tune=2:keyint=-1"
SMALLEST_SIDE = 8  # SVT-AV1 takes nothing smaller
AOM_SPEED = 8
LOOP_FOREVER = 0
CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})


def encode_avif(footage: Footage, delay_cs: int, quality: int) -> bytes:
    """Encode in one thread; quality 100 is crf 1, quality 0 is crf 63."""
    return write_avif(footage.frames, Fraction(delay_cs, 100), quality)


def write_avif(frames: Frames, frame_s: Fraction, quality: int) -> bytes:
    """Encode (N, H, W, 3) RGB frames that stay so many seconds each.

    Pictures with a side under 8 pixels are left to Pillow's libaom; its qualities look alike.
    """
    if min(frames.shape[1:3]) < SMALLEST_SIDE:
        return without_dates(_by_libaom(frames, round(frame_s * 1000), quality))
    file = BytesIO()
    with av.open(file, "w", format="avif") as container:
        stream = container.add_stream("libsvtav1", rate=1 / frame_s)
        assert isinstance(stream, VideoStream)  # noqa: S101  # as the codec is one of video
        width, height = frames.shape[2], frames.shape[1]
        _set_up(stream, width + width % 2, height + height % 2, quality)
        with scheduling_kept():
            container.start_encoding()
        for number, picture in enumerate(frames):
            container.mux(stream.encode(_yuv(picture, number, frame_s)))
        container.mux(stream.encode())
    return without_dates(file.getvalue())


def _by_libaom(frames: Frames, frame_ms: int, quality: int) -> bytes:
    first, *others = [Image.fromarray(frame) for frame in frames]
    file = BytesIO()
    first.save(
        file,
        format="AVIF",
        save_all=True,
        append_images=others,
        duration=frame_ms,
        loop=LOOP_FOREVER,
        quality=quality,
        speed=AOM_SPEED,
        max_threads=1,
    )
    return file.getvalue()


def _set_up(stream: VideoStream, width: int, height: int, quality: int) -> None:
    stream.width, stream.height, stream.pix_fmt = width, height, PIXELS
    is_large = width * height >= LARGE_PIXELS
    preset, levels = (PRESET_OF_LARGE, LEVELS_OF_LARGE) if is_large else (PRESET, LEVELS)
    crf = str(round(WORST_CRF - (WORST_CRF - BEST_CRF) * quality / 100))
    parameters = f"{PARAMETERS}:hierarchical-levels={levels}"
    stream.options = {"crf": crf, "preset": str(preset), "svtav1-params": parameters}
    tag_colours(stream)


def _yuv(picture: Frames, number: int, frame_s: Fraction) -> VideoFrame:
    even = np.pad(picture, ((0, len(picture) % 2), (0, picture.shape[1] % 2), (0, 0)), mode="edge")
    yuv = VideoFrame.from_ndarray(to_ten_bits(even), format=PIXELS)
    yuv.pts, yuv.time_base = number, frame_s
    return yuv


def without_dates(content: bytes) -> bytes:
    """Set the dates of an ISO base media file to none: the same frames are then the same bytes.

    The headers of the film, its tracks and their media begin with when they were made and changed
    (ISO/IEC 14496-12, 8.2.2, 8.3.2, 8.4.2), in seconds since 1904, of 8 bytes in version 1 and of
    4 in version 0.
    """
    dated = bytearray(content)
    for kind, start, _ in _boxes(content, 0, len(content)):
        if kind in DATED:
            length = 16 if content[start] == 1 else 8
            dated[start + 4 : start + 4 + length] = bytes(length)
    return bytes(dated)


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start of the body, end) of every box, and of those within the containers."""
    while start + 8 <= end:
        size, kind = unpack_from(">I4s", content, start)
        body = start + 8
        if size == 1:
            [size] = unpack_from(">Q", content, body)
            body += 8
        last = start + size if size else end
        yield kind, body, last
        if kind in CONTAINERS:
            yield from _boxes(content, body, last)
        start = last


AVIF = AnimationFormat(
    name="avif",
    media_type="image/avif",
    file_extension=".avif",
    version=2,
    default_quality=60,
    budget_bytes=200_000,
    encode=encode_avif,
)
