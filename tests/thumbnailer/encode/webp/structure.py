"""A strict reader of animated WebP, written from RFC 9649 alone; libwebp decodes its stills."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ANIMATED, ALPHA = 0x02, 0x10


@dataclass
class WebpFile:
    """What a file holds; ``shown`` is the canvas after each piece, (N, H, W, 3)."""

    width: int
    height: int
    shown: NDArray[np.uint8]
    durations_ms: list[int] = field(default_factory=list)
    shares_drawn: list[float] = field(default_factory=list)


def read_webp(content: bytes) -> WebpFile:
    """Read a looping animation of lossy stills; anything else is an AssertionError."""
    [(kind, body)] = chunks(content)
    assert (kind, body[:4]) == (b"RIFF", b"WEBP")
    (first, canvas), (second, looping), *frames = chunks(body[4:])
    assert first == b"VP8X"
    assert len(canvas) == 10
    assert canvas[:4] == bytes([ANIMATED | ALPHA, 0, 0, 0])
    assert (second, looping) == (b"ANIM", bytes(6)), "transparent background, looping for ever"
    width, height = uint24(canvas, 4) + 1, uint24(canvas, 7) + 1
    file = WebpFile(width, height, np.zeros((0, height, width, 3), np.uint8))
    file.shown = np.stack(list(_painted(file, frames)))
    return file


def _painted(file: WebpFile, frames: list[tuple[bytes, bytes]]) -> Iterator[NDArray[np.uint8]]:
    canvas = np.zeros((file.height, file.width, 3), np.uint8)
    for number, (kind, body) in enumerate(frames):
        assert kind == b"ANMF"
        left, top = 2 * uint24(body, 0), 2 * uint24(body, 3)
        width, height = uint24(body, 6) + 1, uint24(body, 9) + 1
        assert left + width <= file.width
        assert top + height <= file.height
        assert body[15] == 0, "blended with what is there, and left there"
        picture = decoded(body[16:], width, height)
        drawn = picture[..., 3:] == 255
        assert (drawn | (picture[..., 3:] == 0)).all(), "nothing is half transparent"
        assert number or (drawn.all() and drawn.size == file.width * file.height)
        below = canvas[top : top + height, left : left + width]
        below[...] = np.where(drawn, picture[..., :3], below)
        file.durations_ms.append(uint24(body, 12))
        file.shares_drawn.append(float(drawn.sum()) / (file.width * file.height))
        yield canvas.copy()


def decoded(picture: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """Return the (H, W, 4) RGBA picture that a frame's chunks hold."""
    kinds = [kind for kind, _ in chunks(picture)]
    assert kinds in ([b"VP8 "], [b"ALPH", b"VP8 "])
    flags = bytes([ALPHA if b"ALPH" in kinds else 0, 0, 0, 0])
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    still = b"WEBPVP8X" + struct.pack("<I", 10) + flags + size + picture
    with Image.open(BytesIO(b"RIFF" + struct.pack("<I", len(still)) + still)) as image:
        assert image.size == (width, height)
        return np.asarray(image.convert("RGBA"))


def chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk's kind and body; they must fill the content."""
    position = 0
    while position < len(content):
        kind, size = struct.unpack_from("<4sI", content, position)
        end = position + 8 + size
        assert end + size % 2 <= len(content), "the file ends early"
        assert not any(content[end : end + size % 2]), "padding is zero"
        yield kind, content[position + 8 : end]
        position = end + size % 2


def uint24(content: bytes, position: int) -> int:
    """Return three bytes as a number."""
    return int.from_bytes(content[position : position + 3], "little")
