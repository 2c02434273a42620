"""The coefficients of VP8's macroblocks (RFC 6386, section 13), read and passed over."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.video.vp8.bits import (
    END,
    PLACE,
    RANGE,
    SPARE,
    VALUE,
    Probabilities,
    Reader,
    next_bit,
)

WITH_MEANS_APART, MEANS, CHROMA, WHOLE = range(4)  # types of blocks
BANDS_OF_TYPE, CONTEXTS, NODES = 8, 3, 11
BANDS = np.array([0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7])  # of the 16 coefficients
# Tokens: the numbers 0 to 4, six ranges of numbers, and the end.
TOKENS = np.array(
    [-11, 2, 0, 4, -1, 6, 8, 12, -2, 10, -3, -4, 14, 16, -5, -6, 18, 20, -7, -8, -9, -10], np.int8
)
END_OF_BLOCK = 11
AFTER_ZERO = 2  # where in the tree: no block ends behind a zero
# By token, where in the range it is, and its sign: probabilities, one row after the other.
RANGE_OF = np.array([0, 0, 1, 2, 3, 4, 6, 9, 13, 18, 24, 36])
RANGES = np.array(
    [128, 128, 128, 128, 159, 128, 165, 145, 128, 173, 148, 140, 128, 176, 155, 140, 135, 128,
     180, 157, 141, 134, 130, 128, 254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129, 128],
    np.uint8
)  # fmt: skip
LENGTH = 16  # coefficients of a block

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
    reader: Reader, probabilities: Probabilities, edges: Edges, column: int, luma: int
) -> None:
    """Read the coefficients of a macroblock, and note at its edges which blocks have some."""
    data, state, left = reader.data, reader.state, len(edges) - 1
    value, spare, span, place = state[VALUE], state[SPARE], state[RANGE], state[PLACE]
    end = state[END]
    for block in range(0 if luma == WITH_MEANS_APART else 1, BLOCKS):
        kind = MEANS if block == 0 else luma if block <= LAST_OF_LUMA else CHROMA
        x, y = PLACE_ABOVE[block], PLACE_LEFT[block]
        context = edges[column, x] + edges[left, y]
        first, node = 1 if kind == WITH_MEANS_APART else 0, 0
        number = first
        while number < LENGTH:
            row = NODES * (CONTEXTS * (BANDS_OF_TYPE * kind + BANDS[number]) + context)
            while True:
                probability = int(probabilities[row + (node >> 1)])
                bit, value, spare, span, place = next_bit(
                    data, end, value, spare, span, place, probability
                )
                node = int(TOKENS[node + bit])
                if node <= 0:
                    break
            token = -node
            if token == END_OF_BLOCK:
                break
            number += 1
            context, node = min(token, 2), AFTER_ZERO if token == 0 else 0
            for at in range(RANGE_OF[token], RANGE_OF[token + 1]):
                _, value, spare, span, place = next_bit(
                    data, end, value, spare, span, place, int(RANGES[at])
                )
        edges[column, x] = edges[left, y] = 1 if number > first else 0
    state[VALUE], state[SPARE], state[RANGE], state[PLACE] = value, spare, span, place


@compiled
def pass_empty(edges: Edges, column: int, luma: int) -> None:
    """Note at the edges of a macroblock that it has no coefficients."""
    for place in range(9 if luma == WITH_MEANS_APART else 8):
        edges[column, place] = edges[len(edges) - 1, place] = 0
