"""A film's small gray pictures, kept compressed until it has been seen whole.

What belongs to the picture and what to the bars around it is known only at the end. A second takes
about 12 kB, less than half of what it takes as it is.
"""

import zlib
from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

BLOCK_TICKS = 120
FASTEST = 1  # of zlib's levels

Pictures = NDArray[np.uint8]  # (T, H, W)


class GrayFilm:
    """Takes pictures in order, gives them back in parts."""

    def __init__(self) -> None:
        self._blocks: list[tuple[bytes, tuple[int, ...]]] = []
        self._begun: list[NDArray[np.uint8]] = []

    def add(self, gray: NDArray[np.uint8], ticks: int) -> None:
        """Take the (H, W) picture that is on screen at the next ticks."""
        self._begun.extend([gray] * ticks)
        while len(self._begun) >= BLOCK_TICKS:
            self._blocks.append(_packed(np.stack(self._begun[:BLOCK_TICKS])))
            del self._begun[:BLOCK_TICKS]

    def parts(self, margin: int) -> Iterator[tuple[int, int, Pictures]]:
        """Yield each block of the film with as much of its neighbours as the margin asks for.

        Yields:
            how many pictures come before the block's own, how many are its own; the pictures.
        """
        before = here = None
        for after in chain(self._unpacked(), [None]):
            if here is not None:
                head = here[:0] if before is None else before[-margin:]
                tail = here[:0] if after is None else after[:margin]
                yield len(head), len(here), np.concatenate([head, here, tail])
            before, here = here, after

    def _unpacked(self) -> Iterator[Pictures]:
        for content, shape in self._blocks:
            changes = np.frombuffer(zlib.decompress(content), np.uint8).reshape(shape)
            yield np.add.accumulate(changes, axis=0, dtype=np.uint8)
        if self._begun:
            yield np.stack(self._begun)


def _packed(pictures: Pictures) -> tuple[bytes, tuple[int, ...]]:
    """Compress the changes from picture to picture, which are small numbers."""
    changes = pictures.copy()
    changes[1:] -= pictures[:-1]
    return zlib.compress(changes.tobytes(), FASTEST), pictures.shape
