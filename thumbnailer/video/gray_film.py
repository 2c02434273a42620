"""A film's small gray pictures, kept compressed until it has been seen whole.

What belongs to the picture and what to the bars around it is known only at the end. A second takes
12 to 22 kB; what is more than a few minutes goes to the disk, into a file without a name.
"""

import zlib
from collections.abc import Iterator
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

BLOCK_TICKS = 60
MOST_IN_MEMORY = 4 * 1024 * 1024  # bytes
FASTEST = 1  # of zlib's levels

Pictures = NDArray[np.uint8]  # (T, H, W)


class GrayFilm:
    """Takes pictures in order, gives them back in parts."""

    def __init__(self) -> None:
        # It outlives this call; a pass that breaks off lets go of it like one that ends.
        self._file = SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115
        finalize(self, self._file.close)
        self._blocks: list[tuple[int, tuple[int, ...]]] = []  # bytes and shape of each
        self._begun: list[NDArray[np.uint8]] = []

    def add(self, gray: NDArray[np.uint8], ticks: int) -> None:
        """Take the (H, W) picture that is on screen at the next ticks."""
        self._begun.extend([gray] * ticks)
        while len(self._begun) >= BLOCK_TICKS:
            self._pack(np.stack(self._begun[:BLOCK_TICKS]))
            del self._begun[:BLOCK_TICKS]

    def parts(self, margin: int) -> Iterator[tuple[int, int, Pictures]]:
        """Yield each block of the film with as much of its neighbours as the margin asks for.

        Yields:
            how many pictures come before the block's own, how many are its own; the pictures.
        """
        yield from beside(self._unpacked(), margin)

    def _unpacked(self) -> Iterator[Pictures]:
        self._file.seek(0)
        for size, shape in self._blocks:
            content = zlib.decompress(self._file.read(size))
            changes = np.frombuffer(content, np.uint8).reshape(shape)
            yield np.add.accumulate(changes, axis=0, dtype=np.uint8)
        if self._begun:
            yield np.stack(self._begun)

    def _pack(self, pictures: Pictures) -> None:
        """Compress the changes from picture to picture, which are small numbers."""
        changes = pictures.copy()
        changes[1:] -= pictures[:-1]
        size = self._file.write(zlib.compress(changes.tobytes(), FASTEST))
        self._blocks.append((size, pictures.shape))


def beside(blocks: Iterator[NDArray[Any]], margin: int) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """Yield each block of rows with as many of its neighbours' as the margin asks for.

    Args:
        blocks: of at least ``margin`` rows each, but for the last.
        margin: 1 or more.

    Yields:
        how many rows come before the block's own, how many are its own; the rows.
    """
    before = here = None
    for after in chain(blocks, [None]):
        if here is not None:
            head = here[:0] if before is None else before[-margin:]
            tail = here[:0] if after is None else after[:margin]
            yield len(head), len(here), np.concatenate([head, here, tail])
        before, here = here, after
