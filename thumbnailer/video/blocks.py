"""Blocks of small gray pictures, and how far each is from the likest near its place in another."""

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, BLOCK_PX = 64, 36, 4
REACH_PX = 2  # how far what moves may have come
LEAST = 20.0  # levels of 255 by which a block differs from the likest near its place ...
TIMES = 3.0  # ... and so many times as much as where the film goes on
# Levels, median, by which what does not jump changes (between two cuts: 9.2 and more):
GOES_ON = 8.5

Gray = NDArray[np.float32]  # (36, 64)
Colours = NDArray[np.float32]  # (3, 36, 64)
Blocks = NDArray[np.bool_]  # (9, 16)


def unexplained(picture: Gray | Colours, reference: Gray | Colours) -> NDArray[np.float32]:
    """Return (9, 16): how far each block is from the likest near its place in the reference."""
    edges = [(0, 0)] * (reference.ndim - 2) + [(REACH_PX, REACH_PX)] * 2
    around = np.pad(reference, edges, mode="edge")
    shifts = range(2 * REACH_PX + 1)
    moved = [around[..., y : y + HEIGHT, x : x + WIDTH] for y in shifts for x in shifts]
    apart = np.abs(np.stack(moved) - picture).reshape(len(moved), -1, HEIGHT, WIDTH)
    return np.asarray(block_means(apart.mean(axis=1)).min(axis=0))


def detail(picture: Gray) -> NDArray[np.float32]:
    """Return (9, 16) the standard deviation within each block."""
    variance = block_means(picture**2) - block_means(picture) ** 2
    return np.asarray(np.sqrt(np.maximum(variance, 0)))


def block_means(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (..., 9, 16) the means of the blocks of (..., 36, 64) pictures."""
    shape = (HEIGHT // BLOCK_PX, BLOCK_PX, WIDTH // BLOCK_PX, BLOCK_PX)
    return np.asarray(pictures.reshape(*pictures.shape[:-2], *shape).mean(axis=(-3, -1)))
