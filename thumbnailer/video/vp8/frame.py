"""The end of a packet of VP8, which falls together with its picture's unless it has changed.

VP8 has no checksums, and its decoders take any bits for a picture. But the parts of a packet are
as long as what is coded in them: of whole ones no more than a byte is left over.
"""

from dataclasses import dataclass, field

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from thumbnailer.compiled import compiled, inlined
from thumbnailer.video.reading import Extent
from thumbnailer.video.vp8.bits import Data, Reader, left_bytes, read_bool, reader_of
from thumbnailer.video.vp8.coefficients import (
    WHOLE,
    WITH_MEANS_APART,
    pass_empty,
    pass_macroblock,
)
from thumbnailer.video.vp8.header import Handed, Header, is_keyframe, read_header
from thumbnailer.video.vp8.modes import read_is_empty, read_luma, read_luma_between
from thumbnailer.video.vp8.motion import Field, field_of, read_motion

MOST_LEFT_BYTES = 16  # libvpx leaves 0 or 1; others may end on a round number
MOST_MISSING_BYTES = 2  # zeros at the end may be left out
TAG_BYTES, HEAD_BYTES, PART_SIZE_BYTES = 3, 10, 3
SIZE_BITS = 0x3FFF
MACROBLOCK_PX = 16
FIRST = Handed.of_keyframe()
MOST_MACROBLOCKS = 1 << 16  # of frames that are built on others: 4096 x 4096


@dataclass(slots=True)
class Vp8Reader:
    """Reads the packets of one stream in their order, from a keyframe on."""

    _size: tuple[int, int] = (0, 0)  # rows and columns of macroblocks, as the last keyframe says
    _handed: Handed = field(default_factory=Handed.of_keyframe)
    _is_on: bool = False

    def is_whole(self, packet: "Packet[VideoStream]", extent: Extent) -> bool | None:
        """Tell whether a packet ends where its picture does (thumbnailer.video.reading).

        What is built on one that does not is not read.
        """
        data = np.frombuffer(bytes(packet), np.uint8)
        is_key = bool(data.size) and is_keyframe(data)
        reads_all = extent is not Extent.KEYFRAMES
        if not (is_key or (self._is_on and reads_all and data.size)):
            self._is_on = False
            return None
        self._is_on = self._reads_well(data, is_key=is_key)
        return self._is_on

    def _reads_well(self, data: Data, *, is_key: bool) -> bool:
        if len(data) < (HEAD_BYTES if is_key else TAG_BYTES):
            return False
        if is_key:
            self._size = _macroblocks(data, 8), _macroblocks(data, 6)
        rows, columns = self._size
        if not is_key and rows * columns > MOST_MACROBLOCKS:
            return False
        is_whole, self._handed = _read(data, self._handed, FIRST, rows, columns)
        return bool(is_whole)


def _macroblocks(data: Data, place: int) -> int:
    pixels = (int(data[place]) | int(data[place + 1]) << 8) & SIZE_BITS
    return (pixels + MACROBLOCK_PX - 1) // MACROBLOCK_PX


@compiled
def _read(
    data: Data, before: Handed, first: Handed, rows: int, columns: int
) -> tuple[bool, Handed]:
    """Read a packet; return whether all its parts end with the picture, and what it hands on."""
    start = HEAD_BYTES if is_keyframe(data) else TAG_BYTES
    end = start + (_number(data, 0) >> 5)
    if end > len(data):
        return False, before
    modes = reader_of(data, start, end)
    header, count, handed = read_header(modes, before, first)
    start = end + PART_SIZE_BYTES * (count - 1)
    parts = np.zeros((count, len(modes.state)), np.int64)
    for part in range(count):
        end_of_part = len(data)
        if part < count - 1 and start <= len(data):
            end_of_part = start + _number(data, end + PART_SIZE_BYTES * part)
        if start > len(data):
            return False, handed
        parts[part] = reader_of(data, start, end_of_part).state
        start = end_of_part
    return _ends(modes, parts, header, rows, columns), handed


@compiled
def _number(data: Data, place: int) -> int:
    return int(data[place]) | int(data[place + 1]) << 8 | int(data[place + 2]) << 16


@compiled
def _ends(modes: Reader, parts: NDArray[np.int64], header: Header, rows: int, columns: int) -> bool:
    """Read all macroblocks; return whether all parts end with them.

    Args:
        modes: of the first part.
        parts: (parts, 5) readers of the others, which take turns row by row.
        header: what was read before.
        rows: of macroblocks.
        columns: of macroblocks.
    """
    above, left = np.zeros(4 * columns, np.int64), np.zeros(4, np.int64)
    edges = np.zeros((columns + 1, 9), np.int64)
    motion = field_of(0, 0) if header.is_key else field_of(rows, columns)
    for row in range(rows):
        reader = Reader(modes.data, parts[row % len(parts)])
        left[:] = 0
        edges[columns] = 0
        for column in range(columns):
            is_empty = read_is_empty(modes, header)
            if header.is_key:
                luma = read_luma(modes, above, left, column)
            else:
                luma = _read_between(modes, header, motion, row, column)
            if is_empty:
                pass_empty(edges, column, luma)
            else:
                pass_macroblock(reader, header.handed.coefficients, edges, column, luma)
        if min(left_bytes(modes.state), left_bytes(reader.state)) < -MOST_MISSING_BYTES:
            return False
    most = left_bytes(modes.state)
    for part in range(len(parts)):
        most = max(most, left_bytes(parts[part]))
    return most <= MOST_LEFT_BYTES


@inlined
def _read_between(reader: Reader, header: Header, motion: Field, row: int, column: int) -> int:
    """Read how a macroblock is foretold; return of which type the blocks of its luma are."""
    if not read_bool(reader, header.intra):
        return read_luma_between(reader, header)
    return WHOLE if read_motion(reader, header, motion, row, column) else WITH_MEANS_APART
