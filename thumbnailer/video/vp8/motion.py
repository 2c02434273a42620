"""Movement of the macroblocks of a frame of VP8 (RFC 6386, sections 5, 16 and 17), read and kept.

What is coded depends on how the blocks around move, and so on all that was read before.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled, inlined
from thumbnailer.video.vp8.bits import Probabilities, Reader, read_bool, read_leaf
from thumbnailer.video.vp8.header import Header
from thumbnailer.video.vp8.probabilities import MOTION_COUNT

# Kinds of vectors around: none, the likeliest, another; and macroblocks that are split.
NONE, LIKELIEST, OTHER, SPLIT = range(4)
# (6 counts x 4,) that a macroblock does not move, moves as the one around, as another, anew.
BY_COUNTS = np.array([7, 1, 1, 143, 14, 18, 14, 107, 135, 64, 57, 68, 60, 56, 128, 65, 159, 134,
                      128, 34, 234, 188, 128, 28], np.uint8)  # fmt: skip
# Into which parts a macroblock is split: 16 blocks, quarters, left and right, above and below.
SPLITS = np.array([-3, 2, -2, 4, 0, -1], np.int8)
SPLIT_PROBABILITIES = np.array([110, 111, 150], np.uint8)
PARTS = np.array(
    [[0] * 8 + [1] * 8, [0, 0, 1, 1] * 4, [0, 0, 1, 1] * 2 + [2, 2, 3, 3] * 2, list(range(16))]
)
AS_LEFT, AS_ABOVE, STILL, ANEW = range(4)
PART = np.array([-AS_LEFT, 2, -AS_ABOVE, 4, -STILL, -ANEW], np.int8)
# (5 x 3,) by the blocks to the left and above.
PART_PROBABILITIES = np.array([147, 136, 18, 106, 145, 1, 179, 121, 1, 223, 1, 34, 208, 1, 1],
                              np.uint8)  # fmt: skip
IS_SHORT, SIGN, SHORT, LONG = 0, 1, 2, 9  # where in a component's probabilities
LONG_BITS, FIRST_BITS = 10, 3
SHORTS = np.array([2, 8, 4, 6, 0, -1, -2, -3, 10, 12, -4, -5, -6, -7], np.int8)
STEPS = 64  # of a vector, four to a pixel: a macroblock


Vectors = NDArray[np.int64]


class Field(NamedTuple):
    """How the macroblocks of a frame move, as far as they are read, with a border that does not.

    Attributes:
        references: (rows + 1, columns + 1) on which of three pictures each is built; 0 on none.
        is_split: the same, whether its blocks move each in its own way.
        vectors: (4 x rows + 4, 4 x columns + 4, 2) down and right, of each block.
        near: (4, 2) vectors around the macroblock at hand, by kind, and room for one more.
        counts: (4,) how often those are around it.
    """

    references: NDArray[np.int64]
    is_split: NDArray[np.int64]
    vectors: Vectors
    near: Vectors
    counts: NDArray[np.int64]


@compiled
def field_of(rows: int, columns: int) -> Field:
    """Return a field in which nothing moves."""
    return Field(
        np.zeros((rows + 1, columns + 1), np.int64),
        np.zeros((rows + 1, columns + 1), np.int64),
        np.zeros((4 * rows + 4, 4 * columns + 4, 2), np.int64),
        np.zeros((4, 2), np.int64),
        np.zeros(4, np.int64),
    )


@inlined
def read_motion(reader: Reader, header: Header, field: Field, row: int, column: int) -> bool:
    """Read how a macroblock moves that is built on another picture; return whether it is split."""
    reference = 1
    if read_bool(reader, header.last):
        reference = 2 + read_bool(reader, header.golden)
    field.references[row + 1, column + 1] = reference
    _look_around(header, field, row, column)
    base, counts = _within(field, row, column, NONE), field.counts
    vector = (0, 0)
    if read_bool(reader, int(BY_COUNTS[4 * counts[NONE]])):
        if not read_bool(reader, int(BY_COUNTS[4 * counts[LIKELIEST] + 1])):
            vector = _within(field, row, column, LIKELIEST)
        elif not read_bool(reader, int(BY_COUNTS[4 * counts[OTHER] + 2])):
            vector = _within(field, row, column, OTHER)
        elif read_bool(reader, int(BY_COUNTS[4 * counts[SPLIT] + 3])):
            field.is_split[row + 1, column + 1] = 1
            own = field.vectors[4 * row + 3 : 4 * row + 8, 4 * column + 3 : 4 * column + 8]
            _read_parts(reader, header.handed.motion, own, base)
            return True
        else:
            vector = _read_vector(reader, header.handed.motion, base)
    own = field.vectors[4 * row + 4 : 4 * row + 8, 4 * column + 4 : 4 * column + 8]
    own[:, :, 0], own[:, :, 1] = vector[0], vector[1]
    return False


@inlined
def _look_around(header: Header, field: Field, row: int, column: int) -> None:
    """Note the vectors of the macroblocks above, to the left and between, the likeliest first."""
    near, counts, found = field.near, field.counts, 0
    near[:], counts[:] = 0, 0
    own = header.is_mirrored[field.references[row + 1, column + 1]]
    for number in range(3):
        y, x = row + (number == 1), column + (number == 0)
        weight = 1 if number == 2 else 2
        reference = field.references[y, x]
        if not reference:
            continue
        down, right = field.vectors[4 * y + 3, 4 * x + 3, 0], field.vectors[4 * y + 3, 4 * x + 3, 1]
        if not (down or right):
            counts[NONE] += weight
            continue
        if header.is_mirrored[reference] != own:
            down, right = -down, -right
        if not found or near[found, 0] != down or near[found, 1] != right:
            found += 1
            near[found, 0], near[found, 1] = down, right
        counts[found] += weight
    first, last = near[LIKELIEST], near[found]
    if found == SPLIT and first[0] == last[0] and first[1] == last[1]:
        counts[LIKELIEST] += 1
    splits = field.is_split
    counts[SPLIT] = 2 * (splits[row, column + 1] + splits[row + 1, column]) + splits[row, column]
    _order(near, counts)


@inlined
def _order(near: Vectors, counts: NDArray[np.int64]) -> None:
    """Put the likelier of two vectors first, and as the one from which others are told."""
    if counts[OTHER] > counts[LIKELIEST]:
        counts[LIKELIEST], counts[OTHER] = counts[OTHER], counts[LIKELIEST]
        for place in range(2):
            first, other = near[LIKELIEST, place], near[OTHER, place]
            near[LIKELIEST, place], near[OTHER, place] = other, first
    if counts[LIKELIEST] >= counts[NONE]:
        near[NONE] = near[LIKELIEST]


@inlined
def _within(field: Field, row: int, column: int, kind: int) -> tuple[int, int]:
    """Return a vector around, cut so that it leaves the picture by a macroblock at most."""
    rows, columns = len(field.references) - 1, len(field.references[0]) - 1
    down, right = field.near[kind, 0], field.near[kind, 1]
    down = min(max(down, -(row + 1) * STEPS), (rows - row) * STEPS)
    return down, min(max(right, -(column + 1) * STEPS), (columns - column) * STEPS)


@compiled
def _read_parts(
    reader: Reader, probabilities: Probabilities, own: Vectors, base: tuple[int, int]
) -> None:
    """Read how each part of a macroblock moves.

    Args:
        reader: of the packet's first part.
        probabilities: of vectors.
        own: (5, 5, 2) vectors of its blocks, behind those to the left and above.
        base: the vector from which others are told.
    """
    parts, last = PARTS[read_leaf(reader, SPLITS, SPLIT_PROBABILITIES, 0, 0)], -1
    for block in range(16):
        part = parts[block]
        if part <= last:
            continue
        last = part
        left, above = own[block // 4 + 1, block % 4], own[block // 4, block % 4 + 1]
        kind = read_leaf(reader, PART, PART_PROBABILITIES, 3 * _likeness(left, above), 0)
        vector = (0, 0)
        if kind == AS_LEFT:
            vector = (left[0], left[1])
        elif kind == AS_ABOVE:
            vector = (above[0], above[1])
        elif kind == ANEW:
            vector = _read_vector(reader, probabilities, base)
        for other in range(16):
            if parts[other] == part:
                own[other // 4 + 1, other % 4 + 1, 0] = vector[0]
                own[other // 4 + 1, other % 4 + 1, 1] = vector[1]


@inlined
def _likeness(left: Vectors, above: Vectors) -> int:
    """Return which of five cases the vectors to the left and above are."""
    above_is_still = not (above[0] or above[1])
    if left[0] == above[0] and left[1] == above[1]:
        return 4 if above_is_still else 3
    if above_is_still:
        return 2
    return 0 if left[0] or left[1] else 1


@inlined
def _read_vector(
    reader: Reader, probabilities: Probabilities, base: tuple[int, int]
) -> tuple[int, int]:
    """Read by how much a vector differs from one around, and return it."""
    down = _read_component(reader, probabilities, 0)
    return base[0] + down, base[1] + _read_component(reader, probabilities, MOTION_COUNT)


@compiled
def _read_component(reader: Reader, probabilities: Probabilities, first: int) -> int:
    length = 0
    if not read_bool(reader, int(probabilities[first + IS_SHORT])):
        length = read_leaf(reader, SHORTS, probabilities, first + SHORT, 0)
    else:
        for bit in range(FIRST_BITS):
            length += read_bool(reader, int(probabilities[first + LONG + bit])) << bit
        for bit in range(LONG_BITS - 1, FIRST_BITS, -1):
            length += read_bool(reader, int(probabilities[first + LONG + bit])) << bit
        is_known = length >> (FIRST_BITS + 1) == 0  # that the bit left out is set
        if is_known or read_bool(reader, int(probabilities[first + LONG + FIRST_BITS])):
            length += 1 << FIRST_BITS
    is_back = length and read_bool(reader, int(probabilities[first + SIGN]))
    return -length if is_back else length
