"""The end of a packet of VP8, which falls together with its picture's unless it has changed.

VP8 has no checksums, and its decoders take any bits for a picture. But the parts of a packet are
as long as what is coded in them: of whole ones no more than a byte is left over. To read a frame
takes several times as long as to decode it.
"""

from dataclasses import dataclass, field

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.video.reading import Extent
from thumbnailer.video.vp8.bits import Data, Reader, State, left_bytes, read_bool, reader_of
from thumbnailer.video.vp8.coefficients import (
    WHOLE,
    WITH_MEANS_APART,
    pass_empty,
    pass_macroblock,
)
from thumbnailer.video.vp8.header import Handed, Header, read_header
from thumbnailer.video.vp8.modes import read_is_empty, read_luma, read_luma_between
from thumbnailer.video.vp8.motion import Field, field_of, read_motion

MOST_LEFT_BYTES = 16  # libvpx leaves 0 or 1; others may end on a round number
MOST_MISSING_BYTES = 2  # zeros at the end may be left out
TAG_BYTES, HEAD_BYTES, PART_SIZE_BYTES = 3, 10, 3
SIZE_BITS = 0x3FFF
MACROBLOCK_PX = 16
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
        content = bytes(packet)
        is_key = bool(content) and not content[0] & 1
        reads_all = extent is not Extent.KEYFRAMES
        if not (is_key or (self._is_on and reads_all and content)):
            self._is_on = False
            return None
        self._is_on = self._reads_well(np.frombuffer(content, np.uint8), is_key=is_key)
        return self._is_on

    def _reads_well(self, data: Data, *, is_key: bool) -> bool:
        head_bytes = HEAD_BYTES if is_key else TAG_BYTES
        if len(data) < head_bytes:
            return False
        if is_key:
            self._size = _macroblocks(data, 8), _macroblocks(data, 6)
        end = head_bytes + (_number(data, 0) >> 5)
        if end > len(data):
            return False
        modes = reader_of(data, head_bytes, end)
        header, count, self._handed = read_header(modes, self._handed, is_key=is_key)
        parts = _parts(data, end, count)
        rows, columns = self._size
        if not parts or (not is_key and rows * columns > MOST_MACROBLOCKS):
            return False
        return bool(_ends(modes, np.stack(parts), header, rows, columns))


def _macroblocks(data: Data, place: int) -> int:
    pixels = (int(data[place]) | int(data[place + 1]) << 8) & SIZE_BITS
    return (pixels + MACROBLOCK_PX - 1) // MACROBLOCK_PX


def _number(data: Data, place: int) -> int:
    return int.from_bytes(data[place : place + 3].tobytes(), "little")


def _parts(data: Data, place: int, count: int) -> list[State]:
    """Return the states of the readers of the parts; none where the packet is too short."""
    start = place + PART_SIZE_BYTES * (count - 1)
    sizes = [_number(data, place + PART_SIZE_BYTES * number) for number in range(count - 1)]
    ends = [start + sum(sizes[: number + 1]) for number in range(count - 1)]
    starts, ends = [start, *ends], [*ends, len(data)]
    if starts[-1] > len(data):
        return []
    return [reader_of(data, *each).state for each in zip(starts, ends, strict=True)]


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


@compiled
def _read_between(reader: Reader, header: Header, motion: Field, row: int, column: int) -> int:
    """Read how a macroblock is foretold; return of which type the blocks of its luma are."""
    if not read_bool(reader, header.intra):
        return read_luma_between(reader, header)
    return WHOLE if read_motion(reader, header, motion, row, column) else WITH_MEANS_APART
