"""The height of pictures of H.264, raised in what a stream says of itself (H.264, section 7.3.2.1).

A reader that asks for more rows than are coded learns whether a picture ends where it should.
"""

import re

from thumbnailer.video.h264_units import (
    AVC_CONFIGURATION,
    PARAMETERS,
    kind_of,
    with_units,
)

# In the description of a stream in MP4 (ISO/IEC 14496-15): the number of parameter sets, and
# behind it the first.
SETS_AT, SETS_MASK = 5, 0x1F
MOST_BYTES = 4096  # of a set: what is longer is damaged
ESCAPED, TO_ESCAPE = re.compile(rb"\x00\x00\x03"), re.compile(rb"\x00\x00(?=[\x00-\x03])")
# Profiles whose sets tell of colours and weights of coefficients.
HIGH = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
WITHOUT_SUBSAMPLING = 3  # of colours
SMALL_LISTS, SMALL, LARGE = 6, 16, 64  # of weights: the first six are short


class _Bits:
    """Numbers coded in a string of bits.

    Raises:
        ValueError: where a number goes on behind the end.
    """

    def __init__(self, content: bytes) -> None:
        self.text = "".join(f"{byte:08b}" for byte in content)
        self.at = 0

    def fixed(self, count: int) -> int:
        self.at += count
        return int(self.text[self.at - count : self.at], 2)

    def golomb(self) -> int:
        """Read a number of Exp-Golomb code (section 9.1)."""
        one = self.text.index("1", self.at)
        zeros, self.at = one - self.at, one
        return self.fixed(zeros + 1) - 1


def taller(description: bytes, rows: int) -> bytes:
    """Return what a stream says of its pictures, with more rows of macroblocks.

    Args:
        description: as a container keeps it, in MP4's way or in units with start codes.
        rows: of macroblocks, an even number, since interlaced films count them in pairs.
    """
    if not description.startswith(AVC_CONFIGURATION):
        return with_units(description, 0, lambda unit: taller_unit(unit, rows))
    made, at = description[: SETS_AT + 1], SETS_AT + 1
    for _ in range(made[-1] & SETS_MASK if len(made) > SETS_AT else 0):
        size = int.from_bytes(description[at : at + 2], "big")
        unit = _taller_set(description[at + 2 : at + 2 + size], rows)
        made += len(unit).to_bytes(2, "big") + unit
        at += 2 + size
    return made + description[at:]


def taller_unit(unit: bytes, rows: int) -> bytes:
    """Return a unit with more rows where it is a set of parameters, and others as they are."""
    return _taller_set(unit, rows) if kind_of(unit) == PARAMETERS else unit


def _taller_set(unit: bytes, rows: int) -> bytes:
    """Return a parameter set with more rows; one that cannot be read as it is."""
    if len(unit) > MOST_BYTES:
        return unit
    bits = _Bits(ESCAPED.sub(b"\x00\x00", unit))
    try:
        _go_to_height(bits)
        before = bits.text[: bits.at]
        height = bits.golomb()
        behind = bits.text[bits.at :].rstrip("0")
        height += rows if bits.fixed(1) else rows // 2
    except ValueError:
        return unit
    text = before + _golomb(height) + behind
    text += "0" * (-len(text) % 8)
    return TO_ESCAPE.sub(b"\x00\x00\x03", int(text, 2).to_bytes(len(text) // 8, "big"))


def _golomb(number: int) -> str:
    text = f"{number + 1:b}"
    return "0" * (len(text) - 1) + text


def _go_to_height(bits: _Bits) -> None:
    """Pass over all that stands before the height."""
    bits.fixed(8)
    profile = bits.fixed(8)
    bits.fixed(16)  # constraints, level
    bits.golomb()
    if profile in HIGH:
        _pass_colours_and_weights(bits)
    bits.golomb()  # the length of numbers of frames
    if (order := bits.golomb()) == 0:
        bits.golomb()
    elif order == 1:
        bits.fixed(1)
        bits.golomb(), bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb()  # how many frames are kept
    bits.fixed(1)
    bits.golomb()  # width


def _pass_colours_and_weights(bits: _Bits) -> None:
    colours = bits.golomb()
    if colours == WITHOUT_SUBSAMPLING:
        bits.fixed(1)
    bits.golomb(), bits.golomb(), bits.fixed(1)
    if not bits.fixed(1):
        return
    for number in range(12 if colours == WITHOUT_SUBSAMPLING else 8):
        if bits.fixed(1):
            _pass_weights(bits, SMALL if number < SMALL_LISTS else LARGE)


def _pass_weights(bits: _Bits, count: int) -> None:
    """Pass over a list: each weight by its difference, until one says that the rest is alike."""
    last = 8
    for _ in range(count):
        number = bits.golomb()
        last = (last + (number + 1) // 2 * (1 if number % 2 else -1)) % 256
        if last == 0:
            return
