"""One palette for all frames: exact where few colours occur, by k-means elsewhere."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.encode.parts.colour import to_rgb

MOST_COLOURS = 255  # of 256; one is kept for transparency
PLACES, NOT_MET = 4096, -1
SPREAD = np.int64(2654435761)  # 2^32 by the golden ratio (Knuth, TAOCP 3, 6.4)
BINS = 64  # a side of the colour histogram
K_MEANS_ROUNDS = 4
RARITY_POWER = np.float32(0.35)  # below 1, seldom colours get a place of their own more easily
FAR = np.float32(1e18)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture and which of them each pixel is nearest to.

    Attributes:
        rgb: (K, 3) colours, K at most 255.
        nearest: (P,) int32, each pixel's colour.
    """

    rgb: NDArray[np.uint8]
    nearest: NDArray[np.int32]


def exact_palette(rgb: NDArray[np.uint8]) -> Palette | None:
    """Return the colours of these (P, 3) pixels in order of appearance, or None for over 255."""
    colours = np.empty((MOST_COLOURS, 3), np.uint8)
    nearest = np.empty(len(rgb), np.int32)
    count = _index_colours(rgb, _no_colours(), colours, nearest)
    return Palette(colours[:count].copy(), nearest) if count <= MOST_COLOURS else None


class _KnownColours(NamedTuple):
    """The colours met so far, each at its place or behind it: (PLACES,) each.

    A table of all 16 million colours would be cleared in pages of 2 MB at the first colour in each.
    """

    packed: NDArray[np.int32]  # red, green and blue in 24 bits; NOT_MET where there is none
    number: NDArray[np.uint8]


def _no_colours() -> _KnownColours:
    return _KnownColours(np.full(PLACES, NOT_MET, np.int32), np.empty(PLACES, np.uint8))


@compiled
def _index_colours(
    rgb: NDArray[np.uint8],
    known: _KnownColours,
    colours: NDArray[np.uint8],
    nearest: NDArray[np.int32],
) -> int:
    """Count the colours, and number them from 0 on, up to the first one too many."""
    count = 0
    for pixel in range(len(rgb)):
        red, green, blue = rgb[pixel]
        packed = np.int64(red) << 16 | np.int64(green) << 8 | np.int64(blue)
        place = (packed * SPREAD >> 16) % PLACES
        while known.packed[place] != packed and known.packed[place] != NOT_MET:
            place = (place + 1) % PLACES
        if known.packed[place] == NOT_MET:
            if count == len(colours):
                return count + 1
            known.packed[place], known.number[place] = packed, count
            colours[count] = rgb[pixel]
            count += 1
        nearest[pixel] = known.number[place]
    return count


def k_means_palette(
    ycbcr: NDArray[np.float32], weights: NDArray[np.float32], colours: int
) -> Palette:
    """Return at most so many colours of small weighted squared error.

    Args:
        ycbcr: (P, 3) pixels.
        weights: (P,), how much an error at each pixel costs.
        colours: 1 to 255.
    """
    bin_of, means, masses = _histogram(ycbcr, weights)
    centres, nearest = _k_means(means, masses, masses**RARITY_POWER, colours)
    return Palette(to_rgb(centres), nearest[bin_of])


@compiled
def _histogram(
    ycbcr: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Return each pixel's bin, and the bins' (B, 3) weighted mean colours and (B,) weights."""
    number_of = np.full(BINS**3, -1, np.int32)
    bin_of = np.empty(len(ycbcr), np.int32)
    sums = np.zeros((BINS**3, 4), np.float64)
    count = 0
    for pixel in range(len(ycbcr)):
        cell = _cell(ycbcr[pixel])
        if number_of[cell] < 0:
            number_of[cell] = count
            count += 1
        number = number_of[cell]
        bin_of[pixel] = number
        _accumulate(sums[number], ycbcr[pixel], weights[pixel])
    masses = sums[:count, 3].copy()
    means = sums[:count, :3] / masses.reshape(count, 1)
    return bin_of, means.astype(np.float32), masses.astype(np.float32)


@compiled
def _cell(colour: NDArray[np.float32]) -> int:
    cell = 0
    for channel in range(3):
        level = colour[channel] if channel == 0 else colour[channel] + np.float32(128)
        cell = cell * BINS + min(max(int(level) * BINS // 256, 0), BINS - 1)
    return cell


@compiled
def _accumulate(sums: NDArray[np.float64], colour: NDArray[np.float32], weight: np.float32) -> None:
    for channel in range(3):
        sums[channel] += weight * colour[channel]
    sums[3] += weight


@compiled
def _k_means(
    colours: NDArray[np.float32],
    masses: NDArray[np.float32],
    claims: NDArray[np.float32],
    k: int,
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return (K, 3) centres and each colour's nearest; K is fewer where fewer colours differ."""
    centres, nearest = _spread_centres(colours, masses, claims, k)
    for _ in range(K_MEANS_ROUNDS):
        _move_to_means(centres, colours, masses, nearest)
        _assign(centres, colours, nearest)
    return centres, nearest


@compiled
def _spread_centres(
    colours: NDArray[np.float32],
    masses: NDArray[np.float32],
    claims: NDArray[np.float32],
    k: int,
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Begin with the heaviest colour; then always add the one of largest claim x distance²."""
    distances = np.full(len(colours), FAR)
    nearest = np.zeros(len(colours), np.int32)
    centres = np.empty((min(k, len(colours)), 3), np.float32)
    chosen = np.argmax(masses)
    for number in range(len(centres)):
        centres[number] = colours[chosen]
        for i in range(len(colours)):
            distance = squared_distance(colours, i, centres, number)
            if distance < distances[i]:
                distances[i], nearest[i] = distance, number
        chosen = np.argmax(distances * claims)
    return centres, nearest


@compiled
def _move_to_means(
    centres: NDArray[np.float32],
    colours: NDArray[np.float32],
    masses: NDArray[np.float32],
    nearest: NDArray[np.int32],
) -> None:
    sums = np.zeros((len(centres), 4), np.float64)
    for i in range(len(colours)):
        _accumulate(sums[nearest[i]], colours[i], masses[i])
    for number in range(len(centres)):
        if sums[number, 3] > 0:
            for channel in range(3):
                centres[number, channel] = sums[number, channel] / sums[number, 3]


@compiled
def _assign(
    centres: NDArray[np.float32], colours: NDArray[np.float32], nearest: NDArray[np.int32]
) -> None:
    for i in range(len(colours)):
        least, best = FAR, 0
        for number in range(len(centres)):
            distance = squared_distance(colours, i, centres, number)
            if distance < least:
                least, best = distance, number
        nearest[i] = best


@compiled
def mean_error(
    ycbcr: NDArray[np.float32], colours: NDArray[np.float32], nearest: NDArray[np.int32]
) -> float:
    """Return by how much (P, 3) pixels are off their nearest of (K, 3) colours, squared; a mean."""
    total = 0.0
    for pixel in range(len(ycbcr)):
        total += float(squared_distance(ycbcr, pixel, colours, nearest[pixel]))
    return total / len(ycbcr)


@compiled
def squared_distance(a: NDArray[np.float32], i: int, b: NDArray[np.float32], j: int) -> np.float32:
    """Return the squared distance of row ``i`` of ``a`` (., 3) and row ``j`` of ``b`` (., 3)."""
    first, second, third = a[i, 0] - b[j, 0], a[i, 1] - b[j, 1], a[i, 2] - b[j, 2]
    distance: np.float32 = first * first + second * second + third * third
    return distance
