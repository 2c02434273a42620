"""Scenes that turn into others while they move, known by what moving things hardly change.

Within a wipe, a push or an iris each picture is a part of the scene before and a part of the one
after, and so is its histogram: (1 - a) before + a after, wherever things have moved meanwhile.
Within a dissolve so are the means of the picture's parts. What moves within a scene changes either
little, a pan changes it before and behind as much, and a cut at once.

Gradual changes of histograms between two that stay: Zhang, Kankanhalli and Smoliar, "Automatic
partitioning of full-motion video", Multimedia Systems, 1993. Brightness and gradient counted
together: Pass and Zabih, "Comparing images using joint histograms", Multimedia Systems, 1999.
Cumulated, so that a little more light is a little change: Stricker and Orengo, "Similarity of color
images", Storage and Retrieval for Image and Video Databases, 1995.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 4, 6  # of parts
TONES = 8
STEEPNESS = (0.05, 0.1, 0.2, 0.4, 0.8)  # gradients of brightness in [0, 1] that part six classes
CLASSES = len(STEEPNESS) + 1
STEPS = 20  # of gradients to 1; the steepest possible is below 6
# By a gradient's step, the number of its class's first bin:
FIRST_BINS = (TONES * np.digitize(np.arange(256) / STEPS, STEEPNESS)).astype(np.uint8)
LENGTHS_TICKS = (4, 5, 6, 8, 10, 13)  # of transitions, with a tick of either scene: 0.3 to 1 s
STEADY_TICKS = 4  # before and behind, in which the scenes themselves are compared
MOST_DRIFT = 0.25  # of the change from scene to scene, within either
MOST_STEP = 1.6  # of the change, within a tick, times the root of the length: a cut is all of it
MOST_BACK = 0.15  # of the change, within a tick
LEAST_SHARE = 0.05  # of either scene in a mixture
LEAST_STEPS = 3  # by as much, from picture to picture: two are cuts with a moment in between

Film = NDArray[np.float32]  # (T, D): a description of each picture


@dataclass(frozen=True, slots=True)
class Limits:
    """What a change of scene is, by one description.

    Attributes:
        least_change: distance of the descriptions before and after.
        most_off: of it, root mean square: how far pictures in between are from mixtures.
    """

    least_change: float
    most_off: float


OF_HISTOGRAMS = Limits(least_change=0.35, most_off=0.5)
OF_MEANS = Limits(least_change=0.8, most_off=0.2)


def part_means(grays: NDArray[np.float32]) -> Film:
    """Return (T, 24) the mean brightness of each part of (T, h, w) pictures."""
    height, width = grays.shape[1:]
    rows, columns = np.arange(ROWS) * height // ROWS, np.arange(COLUMNS) * width // COLUMNS
    sums = np.add.reduceat(np.add.reduceat(grays, rows, axis=1), columns, axis=2)
    sizes = np.outer(np.diff(rows, append=height), np.diff(columns, append=width))
    return np.asarray((sums / sizes).reshape(len(grays), -1), dtype=np.float32)


def histograms(pictures: NDArray[np.uint8], gradients: NDArray[np.float32]) -> Film:
    """Return (T, 48) shares of pixels of each class of gradient and up to each tone.

    Args:
        pictures: (T, h, w) gray.
        gradients: (T, h, w) the size of each pixel's, of brightness in [0, 1].
    """
    bins = pictures // np.uint8(256 // TONES)
    bins += np.take(FIRST_BINS, (gradients * np.float32(STEPS)).astype(np.uint8))
    size = TONES * CLASSES
    of_all = bins.reshape(len(pictures), -1) + size * np.arange(len(pictures))[:, None]
    counts = np.bincount(of_all.ravel(), minlength=size * len(pictures))
    shares = counts.reshape(-1, CLASSES, TONES) / bins[0].size
    return np.asarray(shares.cumsum(axis=2).reshape(-1, size), dtype=np.float32)


def are_mixtures(film: Film, limits: Limits) -> NDArray[np.bool_]:
    """Return (T,) bool: the picture is between two scenes of which one turns into the other."""
    found = np.zeros(len(film), dtype=bool)
    drift = _distance(film, STEADY_TICKS)
    for length in LENGTHS_TICKS:
        starts = _likely_starts(film, drift, length, limits.least_change)
        starts, shares = _mixtures(film, starts, length, limits.most_off)
        mixed = (shares > LEAST_SHARE) & (shares < 1 - LEAST_SHARE)
        found[(starts[:, None] + np.arange(length + 1))[mixed]] = True
    return found


def _likely_starts(
    film: Film, drift: NDArray[np.float32], length: int, least_change: float
) -> NDArray[np.intp]:
    """Return the pictures that differ much from those so long after, and little from their own."""
    count = max(0, len(film) - length - 2 * STEADY_TICKS)
    change = _distance(film, length)[STEADY_TICKS:][:count]
    moved = np.maximum(drift[:count], drift[STEADY_TICKS + length :][:count])
    likely = (change >= least_change) & (moved <= MOST_DRIFT * change)
    return np.flatnonzero(likely) + STEADY_TICKS


def _mixtures(
    film: Film, starts: NDArray[np.intp], length: int, most_off: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the starts from which mixtures lead to another scene, and the shares of that.

    Returns:
        (M,); (M, length + 1), a least squares fit, from 0 to 1.
    """
    path = film[starts[:, None] + np.arange(length + 1)] - film[starts, None]  # (N, length + 1, D)
    whole = path[:, -1]
    squares = np.square(whole).sum(axis=1)
    shares = np.einsum("nkd,nd->nk", path, whole) / squares[:, None]
    off = np.square(path - shares[..., None] * whole[:, None]).sum(axis=2).mean(axis=1) / squares
    steps = np.diff(shares, axis=1)
    is_gradual = (steps.max(axis=1) * length**0.5 <= MOST_STEP) & (steps.min(axis=1) >= -MOST_BACK)
    is_gradual &= np.count_nonzero(steps >= LEAST_SHARE, axis=1) >= LEAST_STEPS
    fits = is_gradual & (off <= most_off**2)
    return starts[fits], shares[fits]


def _distance(film: Film, ticks: int) -> NDArray[np.float32]:
    """Return the distance of each picture's description from that so many ticks later."""
    return np.asarray(np.linalg.norm(film[ticks:] - film[:-ticks], axis=1))
