"""Boxes put into MP4 files (ISO/IEC 14496-12) that no muxer at hand writes."""

import struct
from pathlib import Path

TO_DESCRIPTIONS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def with_box(path: Path, codec: bytes, kind: bytes, content: bytes) -> Path:
    """Put a box at the end of the description of the film's samples, which has its codec's name."""
    film = bytearray(path.read_bytes())
    start, end, sizes = 0, len(film), []
    for name in (*TO_DESCRIPTIONS, codec):
        at = film.index(name, start, end) - 4
        sizes.append(at)
        start, end = at + 8, at + int.from_bytes(film[at : at + 4], "big")
    box = struct.pack(">I4s", 8 + len(content), kind) + content
    for at in sizes:
        size = int.from_bytes(film[at : at + 4], "big") + len(box)
        film[at : at + 4] = size.to_bytes(4, "big")
    film[end:end] = box
    path.write_bytes(film)
    return path
