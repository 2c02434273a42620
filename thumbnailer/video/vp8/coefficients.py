"""The coefficients of VP8's macroblocks (RFC 6386, section 13), read and passed over."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.video.vp8.bits import EVEN, Probabilities, Reader, read_bool, read_leaf

WITH_MEANS_APART, MEANS, CHROMA, WHOLE = range(4)  # types of blocks
BANDS_OF_TYPE, CONTEXTS, NODES = 8, 3, 11
BANDS = np.array([0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7])  # of the 16 coefficients
# Tokens: the numbers 0 to 4, six ranges of numbers, and the end.
TOKENS = np.array(
    [-11, 2, 0, 4, -1, 6, 8, 12, -2, 10, -3, -4, 14, 16, -5, -6, 18, 20, -7, -8, -9, -10], np.int8
)
LAST_NUMBER, END_OF_BLOCK = 4, 11
AFTER_ZERO = 2  # where in the tree: no block ends behind a zero
RANGES = np.array(
    [[159, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
     [165, 145, 0, 0, 0, 0, 0, 0, 0, 0, 0],
     [173, 148, 140, 0, 0, 0, 0, 0, 0, 0, 0],
     [176, 155, 140, 135, 0, 0, 0, 0, 0, 0, 0],
     [180, 157, 141, 134, 130, 0, 0, 0, 0, 0, 0],
     [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129]], np.uint8
)  # fmt: skip

# The blocks of a macroblock: of means, 16 of luma, 4 and 4 of chroma; and which of the 9 places at
# the edges above and to the left is each one's.
BLOCKS, LAST_OF_LUMA = 25, 16
PLACE_ABOVE = np.array([8, *[0, 1, 2, 3] * 4, 4, 5, 4, 5, 6, 7, 6, 7])
PLACE_LEFT = np.array([8, *np.repeat(range(4), 4), 4, 4, 5, 5, 6, 6, 7, 7])

# (columns + 1, 9) whether the blocks above each macroblock have coefficients; last, those to the
# left of the one at hand.
Edges = NDArray[np.int64]


@compiled
def pass_macroblock(
    reader: Reader, coefficients: Probabilities, edges: Edges, column: int, luma: int
) -> None:
    """Read the coefficients of a macroblock, and note at its edges which blocks have some."""
    left = len(edges) - 1
    for block in range(0 if luma == WITH_MEANS_APART else 1, BLOCKS):
        kind = MEANS if block == 0 else luma if block <= LAST_OF_LUMA else CHROMA
        x, y = PLACE_ABOVE[block], PLACE_LEFT[block]
        context = int(edges[column, x] + edges[left, y])
        has_some = _pass_block(reader, coefficients, kind, context)
        edges[column, x] = edges[left, y] = has_some


@compiled
def pass_empty(edges: Edges, column: int, luma: int) -> None:
    """Note at the edges of a macroblock that it has no coefficients."""
    for place in range(9 if luma == WITH_MEANS_APART else 8):
        edges[column, place] = edges[len(edges) - 1, place] = 0


@compiled
def _pass_block(reader: Reader, coefficients: Probabilities, kind: int, context: int) -> int:
    """Read a block's coefficients; return 1 where it has some, or 0."""
    first, node = 1 if kind == WITH_MEANS_APART else 0, 0
    number = first
    while number < len(BANDS):
        place = NODES * (CONTEXTS * (BANDS_OF_TYPE * kind + int(BANDS[number])) + context)
        token = read_leaf(reader, TOKENS, coefficients, place, node)
        if token == END_OF_BLOCK:
            break
        number += 1
        context, node = min(token, 2), AFTER_ZERO if token == 0 else 0
        if token:
            _pass_rest(reader, token)
    return 1 if number > first else 0


@compiled
def _pass_rest(reader: Reader, token: int) -> None:
    """Read where in its range a number is, and its sign."""
    if token > LAST_NUMBER:
        for probability in RANGES[token - LAST_NUMBER - 1]:
            if not probability:
                break
            read_bool(reader, int(probability))
    read_bool(reader, EVEN)
