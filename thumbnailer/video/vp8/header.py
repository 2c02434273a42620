"""The header of a keyframe of VP8 (RFC 6386, sections 9 and 19.2)."""

from typing import NamedTuple

import numpy as np

from thumbnailer.compiled import compiled
from thumbnailer.video.vp8.bits import EVEN, Probabilities, Reader, read_bool
from thumbnailer.video.vp8.probabilities import COEFFICIENT_UPDATES, COEFFICIENTS


class Header(NamedTuple):
    """What of a header the macroblocks are read by.

    Attributes:
        has_segments: whether each macroblock tells its segment.
        segments: (3,) probabilities of these.
        coefficients: (4 x 8 x 3 x 11,) probabilities.
        has_skips: whether each macroblock tells if it has no coefficients.
        skip: the probability that it has some.
    """

    has_segments: bool
    segments: Probabilities
    coefficients: Probabilities
    has_skips: bool
    skip: int


def read_header(reader: Reader) -> tuple[Header, int]:
    """Read a header, from its first coded bit on; return it, and the number of parts behind."""
    _number(reader, 2)  # how colours are meant and bound
    has_segments, segments = _segments(reader)
    _number(reader, 10)  # the filter of edges: kind, strength, sharpness
    if _number(reader, 1) and _number(reader, 1):
        for _ in range(8):
            _optional(reader, 7)
    parts = 1 << _number(reader, 2)
    _number(reader, 7)  # quantisers
    for _ in range(5):
        _optional(reader, 5)
    _number(reader, 1)  # whether the next frame goes on with these probabilities
    coefficients = COEFFICIENTS.copy()
    _update(reader, coefficients, COEFFICIENT_UPDATES)
    has_skips = _number(reader, 1) == 1
    skip = _number(reader, 8) if has_skips else 0
    return Header(has_segments, segments, coefficients, has_skips, skip), parts


def _segments(reader: Reader) -> tuple[bool, Probabilities]:
    """Return whether macroblocks tell their segments, and by which probabilities."""
    probabilities = np.full(3, 255, np.uint8)
    if not _number(reader, 1):
        return False, probabilities
    has_segments = _number(reader, 1) == 1
    if _number(reader, 1):
        _number(reader, 1)
        for number in range(8):
            _optional(reader, 8 if number < 4 else 7)
    if has_segments:
        for number in range(3):
            if _number(reader, 1):
                probabilities[number] = _number(reader, 8)
    return has_segments, probabilities


def _optional(reader: Reader, count: int) -> None:
    """Pass over a number of so many bits, if a bit before it says that it is there."""
    if _number(reader, 1):
        _number(reader, count)


def _number(reader: Reader, count: int) -> int:
    """Read a number of so many bits, the highest first."""
    number = 0
    for _ in range(count):
        number = 2 * number + read_bool(reader, EVEN)
    return number


@compiled
def _update(reader: Reader, probabilities: Probabilities, kept: Probabilities) -> None:
    """Read the probabilities that are not kept."""
    for place in range(len(probabilities)):
        if read_bool(reader, int(kept[place])):
            number = 0
            for _ in range(8):
                number = 2 * number + read_bool(reader, EVEN)
            probabilities[place] = number
