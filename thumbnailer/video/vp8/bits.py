"""The boolean decoder of VP8 (RFC 6386, section 7) and the trees that are read by it (section 8).

From a changed bit on it reads other symbols, and so as good as never comes to the end of what it
reads just when the picture does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled, inlined

EVEN = 128  # the probability of a bit that is coded as it is
# By a range, the bits by which it is shifted to be 128 at least.
SHIFTS = np.array([0] + [8 - number.bit_length() for number in range(1, 256)], np.uint8)
VALUE, SPARE, RANGE, PLACE, END = range(5)

Data = NDArray[np.uint8]  # a packet
State = NDArray[np.int64]
Probabilities = NDArray[np.uint8]
Tree = NDArray[np.int8]  # pairs of branches: where the next pair stands, or a leaf's number below 0


class Reader(NamedTuple):
    """A part of a packet, and how far it is read.

    Attributes:
        data: the whole packet.
        state: (5,) what was read and not yet used; how many bits of it are more than the next one
            needs; the range, 128 to 255; the byte that is read next; one past the last.
    """

    data: Data
    state: State


@compiled
def reader_of(data: Data, start: int, end: int) -> Reader:
    """Return a reader of these bytes of a packet."""
    return Reader(data, np.array((0, -8, 255, start, end), np.int64))


@inlined
def next_bit(  # noqa: PLR0917  what changes is kept in registers
    data: Data, end: int, value: int, spare: int, span: int, place: int, probability: int
) -> tuple[int, int, int, int, int]:
    """Read 0, of which the probability of 256 is given, or 1; behind the end all bits are 0.

    Returns:
        the bit, and what of the reader's state has changed: value, spare, range, place.
    """
    if spare < 0:
        value = (value << 8) | (int(data[place]) if place < end else 0)
        spare += 8
        place += 1
    split = 1 + (((span - 1) * probability) >> 8)
    limit = split << spare
    bit = 1 if value >= limit else 0
    if bit:
        value -= limit
        split = span - split
    shift = int(SHIFTS[split])
    return bit, value, spare - shift, split << shift, place


@compiled
def _read_bool(data: Data, state: State, probability: int) -> int:
    bit, state[VALUE], state[SPARE], state[RANGE], state[PLACE] = next_bit(
        data, state[END], state[VALUE], state[SPARE], state[RANGE], state[PLACE], probability
    )
    return bit


@inlined
def read_bool(reader: Reader, probability: int) -> int:
    """Read 0, of which the probability of 256 is given, or 1."""
    return _read_bool(reader.data, reader.state, probability)


@compiled
def _read_leaf(  # noqa: PLR0917
    data: Data, state: State, tree: Tree, probabilities: Probabilities, first: int, node: int
) -> int:
    value, spare, span, place = state[VALUE], state[SPARE], state[RANGE], state[PLACE]
    end = state[END]
    while True:
        probability = int(probabilities[first + (node >> 1)])
        bit, value, spare, span, place = next_bit(data, end, value, spare, span, place, probability)
        node = int(tree[node + bit])
        if node <= 0:
            break
    state[VALUE], state[SPARE], state[RANGE], state[PLACE] = value, spare, span, place
    return -node


@inlined
def read_leaf(
    reader: Reader, tree: Tree, probabilities: Probabilities, first: int, node: int
) -> int:
    """Return the leaf to which the bits lead from a node.

    Args:
        reader: it goes on.
        tree: pairs of branches.
        probabilities: in one row, that of each pair the first branch is taken.
        first: where those of the tree begin.
        node: the pair to begin with; 0 is the root.
    """
    return _read_leaf(reader.data, reader.state, tree, probabilities, first, node)


@compiled
def left_bytes(state: State) -> int:
    """Return how many bytes are not read; below 0, how many are missing."""
    return int(state[END] - state[PLACE])
