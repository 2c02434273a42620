"""The boolean decoder of VP8 (RFC 6386, section 7) and the trees that are read by it (section 8).

From a changed bit on it reads other symbols, and so as good as never comes to the end of what it
reads just when the picture does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled

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


def reader_of(data: Data, start: int, end: int) -> Reader:
    """Return a reader of these bytes of a packet."""
    return Reader(data, np.array((0, -8, 255, start, end), np.int64))


@compiled
def read_bool(reader: Reader, probability: int) -> int:
    """Read 0, of which the probability of 256 is given, or 1; behind the end all bits are 0."""
    state = reader.state
    if state[SPARE] < 0:
        byte = int(reader.data[state[PLACE]]) if state[PLACE] < state[END] else 0
        state[VALUE] = (state[VALUE] << 8) | byte
        state[SPARE] += 8
        state[PLACE] += 1
    split = 1 + (((state[RANGE] - 1) * probability) >> 8)
    bit = 1 if state[VALUE] >> state[SPARE] >= split else 0
    if bit:
        state[VALUE] -= split << state[SPARE]
        split = state[RANGE] - split
    shift = SHIFTS[split]
    state[RANGE] = split << shift
    state[SPARE] -= shift
    return bit


@compiled
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
    while True:
        probability = int(probabilities[first + (node >> 1)])
        node = int(tree[node + read_bool(reader, probability)])
        if node <= 0:
            return -node


@compiled
def left_bytes(state: State) -> int:
    """Return how many bytes are not read; below 0, how many are missing."""
    return int(state[END] - state[PLACE])
