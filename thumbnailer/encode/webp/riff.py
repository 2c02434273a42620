"""Animated WebP files, put together from still ones.

The file is as in the WebP container specification (RFC 9649, section 2).
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from thumbnailer.encode.parts.rectangle import Rectangle

IS_ANIMATED, HAS_ALPHA = 1 << 1, 1 << 4
NO_BACKGROUND, LOOP_FOREVER = 0, 0
BLEND_AND_LEAVE = 0  # over what is on the canvas, and to stay there
PICTURE = frozenset({b"ALPH", b"VP8 "})


@dataclass(frozen=True, slots=True)
class Piece:
    """One frame of an animation.

    Attributes:
        part: what it covers; left and top are even.
        picture: the chunks of a still WebP that hold the picture and its transparency.
        duration_ms: how long it stays.
    """

    part: Rectangle
    picture: bytes
    duration_ms: int


def animated_webp(width: int, height: int, pieces: Iterable[Piece]) -> bytes:
    """Return a looping file; each piece is laid over those before it."""
    canvas = struct.pack("<I", IS_ANIMATED | HAS_ALPHA) + _uint24(width - 1) + _uint24(height - 1)
    chunks = [
        _chunk(b"VP8X", canvas),
        _chunk(b"ANIM", struct.pack("<IH", NO_BACKGROUND, LOOP_FOREVER)),
        *(_chunk(b"ANMF", _frame(piece)) for piece in pieces),
    ]
    return _chunk(b"RIFF", b"WEBP" + b"".join(chunks))


def picture_of(still: bytes) -> bytes:
    """Return a lossy still WebP's chunks of picture and transparency."""
    return b"".join(_chunk(kind, body) for kind, body in _chunks(still) if kind in PICTURE)


def _frame(piece: Piece) -> bytes:
    part = piece.part
    places = (part.left // 2, part.top // 2, part.width - 1, part.height - 1, piece.duration_ms)
    return b"".join(map(_uint24, places)) + bytes([BLEND_AND_LEAVE]) + piece.picture


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12  # after RIFF, its size and WEBP
    while position < len(content):
        kind, size = struct.unpack_from("<4sI", content, position)
        yield kind, content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _uint24(number: int) -> bytes:
    return number.to_bytes(3, "little")
