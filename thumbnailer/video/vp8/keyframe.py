"""The end of a keyframe of VP8, which falls together with its picture's unless it has changed.

VP8 has no checksums, and its decoders take any bits for a picture. But the parts of a packet are
as long as what is coded in them: of whole ones no more than a byte is left over. Frames between
keyframes could be read as well, at several times the cost of decoding them.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.video.vp8.bits import Data, Reader, State, left_bytes, reader_of
from thumbnailer.video.vp8.coefficients import pass_empty, pass_macroblock
from thumbnailer.video.vp8.header import Header, read_header
from thumbnailer.video.vp8.modes import read_is_empty, read_luma

MOST_LEFT_BYTES = 16  # libvpx leaves 0 or 1; others may end on a round number
MOST_MISSING_BYTES = 2  # zeros at the end may be left out
HEAD_BYTES, PART_SIZE_BYTES = 10, 3
SIZE_BITS = 0x3FFF
MACROBLOCK_PX = 16


def is_whole(packet: bytes) -> bool:
    """Tell whether a packet ends where its picture does; of one that is no keyframe, True."""
    if not packet or packet[0] & 1:
        return True
    return len(packet) >= HEAD_BYTES and bool(_is_whole(np.frombuffer(packet, np.uint8)))


def _is_whole(data: Data) -> bool:
    rows, columns = (_macroblocks(data, place) for place in (8, 6))
    end = HEAD_BYTES + (_number(data, 0) >> 5)
    if end > len(data):
        return False
    modes = reader_of(data, HEAD_BYTES, end)
    header, count = read_header(modes)
    parts = _parts(data, end, count)
    return bool(parts) and bool(_ends(modes, np.stack(parts), header, rows, columns))


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
    for row in range(rows):
        reader = Reader(modes.data, parts[row % len(parts)])
        left[:] = 0
        edges[columns] = 0
        for column in range(columns):
            is_empty = read_is_empty(modes, header)
            luma = read_luma(modes, above, left, column)
            if is_empty:
                pass_empty(edges, column, luma)
            else:
                pass_macroblock(reader, header.coefficients, edges, column, luma)
        if min(left_bytes(modes.state), left_bytes(reader.state)) < -MOST_MISSING_BYTES:
            return False
    most = left_bytes(modes.state)
    for part in range(len(parts)):
        most = max(most, left_bytes(parts[part]))
    return most <= MOST_LEFT_BYTES
