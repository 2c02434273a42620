"""The header of a frame of VP8 (RFC 6386, sections 9 and 19.2)."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.video.vp8.bits import EVEN, Data, Probabilities, Reader, read_bool
from thumbnailer.video.vp8.probabilities import (
    CHROMA_MODES,
    COEFFICIENT_UPDATES,
    COEFFICIENTS,
    LUMA_MODES,
    MOTION,
    MOTION_UPDATES,
)


class Handed(NamedTuple):
    """Probabilities that a frame hands on to those that follow it.

    Attributes:
        coefficients: (4 x 8 x 3 x 11,).
        motion: (2 x 19,) of vectors.
        luma: (4,) of modes between keyframes.
        chroma: (3,) likewise.
    """

    coefficients: Probabilities
    motion: Probabilities
    luma: Probabilities
    chroma: Probabilities

    @classmethod
    def of_keyframe(cls) -> Self:
        """Return those with which each keyframe begins."""
        return cls(COEFFICIENTS.copy(), MOTION.copy(), LUMA_MODES.copy(), CHROMA_MODES.copy())


class Header(NamedTuple):
    """What of a header the macroblocks are read by.

    Attributes:
        is_key: whether nothing is built on other frames.
        has_segments: whether each macroblock tells its segment.
        segments: (3,) probabilities of these.
        handed: probabilities of coefficients, vectors and modes.
        has_skips: whether each macroblock tells if it has no coefficients.
        skip: the probability that it has some.
        intra: that it is built on no other frame.
        last: that it is built on the last one.
        golden: that it is built on the golden one, else.
        is_mirrored: (4,) by the frame that it is built on, whether vectors point the other way.
    """

    is_key: bool
    has_segments: bool
    segments: Probabilities
    handed: Handed
    has_skips: bool
    skip: int
    intra: int
    last: int
    golden: int
    is_mirrored: NDArray[np.int64]


@compiled
def is_keyframe(data: Data) -> bool:
    """Tell whether a packet is built on no other."""
    return not data[0] & 1


@compiled
def read_header(reader: Reader, before: Handed, first: Handed) -> tuple[Header, int, Handed]:
    """Read a header, from its first coded bit on.

    Args:
        reader: of the packet's first part.
        before: what the frame before handed on.
        first: what each keyframe begins with.

    Returns:
        the header, the number of parts behind, and what the frame hands on.
    """
    is_key = is_keyframe(reader.data)
    if is_key:
        _number(reader, 2)  # how colours are meant and bound
        before = first
    own = Handed(
        before.coefficients.copy(), before.motion.copy(), before.luma.copy(), before.chroma.copy()
    )
    has_segments, segments = _segments(reader)
    _number(reader, 10)  # the filter of edges: kind, strength, sharpness
    if _number(reader, 1) and _number(reader, 1):
        for _ in range(8):
            _optional(reader, 7)
    parts = 1 << _number(reader, 2)
    _number(reader, 7)  # quantisers
    for _ in range(5):
        _optional(reader, 5)
    is_mirrored = np.zeros(4, np.int64)
    if not is_key:
        _references(reader, is_mirrored)
    hands_on = _number(reader, 1) == 1
    if not is_key:
        _number(reader, 1)  # whether the last frame is replaced
    _update(reader, own.coefficients, COEFFICIENT_UPDATES)
    has_skips = _number(reader, 1) == 1
    skip = _number(reader, 8) if has_skips else 0
    intra = last = golden = 0
    if not is_key:
        intra, last, golden = _number(reader, 8), _number(reader, 8), _number(reader, 8)
        _update_between(reader, own)
    header = Header(
        is_key, has_segments, segments, own, has_skips, skip, intra, last, golden, is_mirrored
    )
    return header, parts, own if hands_on else before


@compiled
def _number(reader: Reader, count: int) -> int:
    """Read a number of so many bits, the highest first."""
    number = 0
    for _ in range(count):
        number = 2 * number + read_bool(reader, EVEN)
    return number


@compiled
def _optional(reader: Reader, count: int) -> None:
    """Pass over a number of so many bits, if a bit before it says that it is there."""
    if _number(reader, 1):
        _number(reader, count)


@compiled
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


@compiled
def _references(reader: Reader, is_mirrored: NDArray[np.int64]) -> None:
    """Pass over which frames are replaced; note for which vectors point the other way."""
    golden, other = _number(reader, 1), _number(reader, 1)
    if not golden:
        _number(reader, 2)
    if not other:
        _number(reader, 2)
    is_mirrored[2], is_mirrored[3] = _number(reader, 1), _number(reader, 1)


@compiled
def _update_between(reader: Reader, own: Handed) -> None:
    """Read the probabilities of modes and vectors that are not kept."""
    for modes in (own.luma, own.chroma):
        if _number(reader, 1):
            for place in range(len(modes)):
                modes[place] = _number(reader, 8)
    for place in range(len(MOTION_UPDATES)):
        if read_bool(reader, int(MOTION_UPDATES[place])):
            number = _number(reader, 7)
            own.motion[place] = 2 * number if number else 1


@compiled
def _update(reader: Reader, probabilities: Probabilities, kept: Probabilities) -> None:
    """Read the probabilities that are not kept."""
    for place in range(len(probabilities)):
        if read_bool(reader, int(kept[place])):
            probabilities[place] = _number(reader, 8)
