"""Distances of a film's pictures from those soon after: how alike they are, by four descriptions.

Scenes show in them as stretches of small distances, a cut as a sharp border between two, a dissolve
or wipe as a slow one, and movement as distances that grow evenly. What the pictures show does not
matter: Cooper and Foote, "Scene boundary detection via video self-similarity analysis", ICIP 2001.

Brightness and gradient counted together, which movement hardly changes: Pass and Zabih, "Comparing
images using joint histograms", Multimedia Systems, 1999. Cumulated, so that a little more light is
a little change: Stricker and Orengo, "Similarity of color images", Storage and Retrieval for Image
and Video Databases, 1995.
"""

import math

import numpy as np
from numpy.typing import NDArray

LAGS_TICKS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24)
REACH_TICKS = LAGS_TICKS[-1] // 2  # before and after a picture, on which its distances depend
TONES = 8
STEEPNESS = (0.05, 0.1, 0.2, 0.4, 0.8)  # gradients of brightness in [0, 1] that part six classes
CLASSES = len(STEEPNESS) + 1
STEPS = 20  # of gradients to 1; the steepest possible is below 6
# By a gradient's step, the number of its class's first bin:
FIRST_BINS = (TONES * np.digitize(np.arange(256) / STEPS, STEEPNESS)).astype(np.uint8)
CELLS = (4, 6)  # rows and columns of parts with a histogram each
CELL_TONES = 6
POINTS = (9, 16)  # rows and columns of parts with a mean each
SIZES = (CLASSES * TONES, math.prod(CELLS) * CELL_TONES, math.prod(POINTS), math.prod(POINTS))

Looks = NDArray[np.float32]  # (T, D): a description of each picture


def looks_of(
    pictures: NDArray[np.uint8], grays: NDArray[np.float32], gradients: NDArray[np.float32]
) -> Looks:
    """Return (T, 480): all four descriptions of each picture.

    Args:
        pictures: (T, h, w) gray.
        grays: the same, of brightness in [0, 1].
        gradients: (T, h, w) the size of each pixel's.
    """
    return np.concatenate(
        [
            tone_histograms(pictures, gradients),
            cell_histograms(pictures),
            point_means(grays),
            point_means(gradients),
        ],
        axis=1,
    )


def self_similarity(looks: Looks) -> NDArray[np.float32]:
    """Return (T, 56): square roots of distances around each picture, 14 by each description.

    A distance of two pictures stands midway between them. Where the film has none so long before
    or after, the nearest such distance stands.
    """
    parts = np.split(looks, np.cumsum(SIZES)[:-1], axis=1)
    return np.asarray(np.sqrt(np.concatenate([_distances(part) for part in parts], axis=1)))


def tone_histograms(pictures: NDArray[np.uint8], gradients: NDArray[np.float32]) -> Looks:
    """Return (T, 48) shares of pixels of each class of gradient and up to each tone.

    Args:
        pictures: (T, h, w) gray.
        gradients: (T, h, w) the size of each pixel's, of brightness in [0, 1].
    """
    bins = pictures // np.uint8(256 // TONES)
    bins += np.take(FIRST_BINS, (gradients * np.float32(STEPS)).astype(np.uint8))
    shares = _counts(bins.reshape(len(pictures), -1), CLASSES * TONES) / bins[0].size
    cumulated = shares.reshape(-1, CLASSES, TONES).cumsum(axis=2)
    return np.asarray(cumulated.reshape(len(pictures), -1), dtype=np.float32)


def cell_histograms(pictures: NDArray[np.uint8]) -> Looks:
    """Return (T, 144) for each of 4 x 6 parts the shares of pixels up to each of six tones."""
    height, width = pictures.shape[1:]
    rows, columns = (
        np.arange(size) * count // size for size, count in zip((height, width), CELLS, strict=True)
    )
    cells = np.add.outer(rows * CELLS[1], columns) * CELL_TONES
    tones = pictures.astype(np.uint16) * CELL_TONES // 256
    bins = (tones + cells.astype(np.uint16)).reshape(len(pictures), -1)
    counts = _counts(bins, CELLS[0] * CELLS[1] * CELL_TONES).reshape(len(pictures), -1, CELL_TONES)
    sums = counts.cumsum(axis=2)
    shares = sums / np.maximum(sums[..., -1:], 1)
    return np.asarray(shares.reshape(len(pictures), -1), dtype=np.float32)


def point_means(values: NDArray[np.float32]) -> Looks:
    """Return (T, 144) the mean of each of 9 x 16 parts of (T, h, w) values."""
    height, width = values.shape[1:]
    rows, columns = (
        np.arange(count) * size // count
        for size, count in zip((height, width), POINTS, strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(values, rows, axis=1), columns, axis=2)
    sizes = np.outer(np.diff(rows, append=height), np.diff(columns, append=width))
    return np.asarray((sums / np.maximum(sizes, 1)).reshape(len(values), -1), dtype=np.float32)


def _counts(bins: NDArray[np.integer], size: int) -> NDArray[np.intp]:
    """Return (T, size) how often each number is in (T, P) of them."""
    of_all = bins + size * np.arange(len(bins))[:, None]
    return np.bincount(of_all.ravel(), minlength=size * len(bins)).reshape(len(bins), size)


def _distances(looks: Looks) -> NDArray[np.float32]:
    """Return (T, 14) the mean absolute differences of (T, D) looks so many ticks apart."""
    found = np.zeros((len(looks), len(LAGS_TICKS)), np.float32)
    for column, lag in enumerate(LAGS_TICKS):
        if lag < len(looks):
            apart = np.abs(looks[lag:] - looks[:-lag]).mean(axis=1)
            found[:, column] = np.pad(apart, (lag // 2, lag - lag // 2), mode="edge")
    return found
