"""The way in which macroblocks are foretold from their frame (RFC 6386, sections 8 to 11, 16)."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled, inlined
from thumbnailer.video.vp8.bits import Reader, read_bool, read_leaf
from thumbnailer.video.vp8.coefficients import WHOLE, WITH_MEANS_APART
from thumbnailer.video.vp8.header import Header
from thumbnailer.video.vp8.probabilities import BLOCK_MODES, BLOCK_MODES_BETWEEN

# Modes of a macroblock are the first four of its blocks' ten; or each block has its own.
BY_BLOCKS = 4
LUMA = np.array([-BY_BLOCKS, 2, 4, 6, 0, -2, -3, -1], np.int8)
LUMA_BETWEEN = np.array([0, 2, 4, 6, -2, -3, -1, -BY_BLOCKS], np.int8)  # keyframes
LUMA_PROBABILITIES = np.array([145, 156, 163, 128], np.uint8)
CHROMA = np.array([0, 2, -2, 4, -3, -1], np.int8)
CHROMA_PROBABILITIES = np.array([142, 114, 183], np.uint8)
BLOCK = np.array([0, 2, -1, 4, -2, 6, 8, 12, -3, 10, -5, -6, -4, 14, -7, 16, -8, -9], np.int8)
SEGMENT = np.array([2, 4, 0, -1, -2, -3], np.int8)

Modes = NDArray[np.int64]


@inlined
def read_is_empty(reader: Reader, header: Header) -> bool:
    """Pass over a macroblock's segment; return whether it has no coefficients."""
    if header.has_segments:
        read_leaf(reader, SEGMENT, header.segments, 0, 0)
    return header.has_skips and read_bool(reader, header.skip) == 1


@compiled
def read_luma(reader: Reader, above: Modes, left: Modes, column: int) -> int:
    """Read the modes of a keyframe's macroblock; return of which type the blocks of its luma are.

    Args:
        reader: of the packet's first part.
        above: (4 x columns,) modes of the blocks above; afterwards, of its own.
        left: (4,) modes of those to the left; afterwards, of its own.
        column: where it is.
    """
    mode = read_leaf(reader, LUMA, LUMA_PROBABILITIES, 0, 0)
    for number in range(16):
        x, y = 4 * column + (number & 3), number >> 2
        if mode == BY_BLOCKS:
            first = int(90 * above[x] + 9 * left[y])
            above[x] = left[y] = read_leaf(reader, BLOCK, BLOCK_MODES, first, 0)
        else:
            above[x] = left[y] = mode
    read_leaf(reader, CHROMA, CHROMA_PROBABILITIES, 0, 0)
    return WHOLE if mode == BY_BLOCKS else WITH_MEANS_APART


@inlined
def read_luma_between(reader: Reader, header: Header) -> int:
    """Read the modes of another frame's macroblock; return of which type its luma's blocks are."""
    mode = read_leaf(reader, LUMA_BETWEEN, header.handed.luma, 0, 0)
    if mode == BY_BLOCKS:
        for _ in range(16):
            read_leaf(reader, BLOCK, BLOCK_MODES_BETWEEN, 0, 0)
    read_leaf(reader, CHROMA, header.handed.chroma, 0, 0)
    return WHOLE if mode == BY_BLOCKS else WITH_MEANS_APART
