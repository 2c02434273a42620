"""The height of pictures of H.264, raised in what a stream says of itself (H.264, section 7.3.2.1).

A reader that asks for more rows than are coded learns whether a picture ends where it should.
"""

import re

AVC_CONFIGURATION = b"\x01"  # begins the description of a stream in MP4 (ISO/IEC 14496-15)
SETS_AT, SETS_MASK = 5, 0x1F  # in it: the number of parameter sets, and behind it the first
START_CODE = b"\x00\x00\x01"
# In a stream of units with start codes: such a set, to the next start code or zeros at the end.
SET = re.compile(rb"\x00\x00\x01([\x27\x47\x67](?:(?!\x00\x00[\x00\x01]).)*)", re.DOTALL)
MOST_BYTES = 4096  # of a set: what is longer is damaged
ESCAPED, TO_ESCAPE = re.compile(rb"\x00\x00\x03"), re.compile(rb"\x00\x00(?=[\x00-\x03])")
# Profiles whose sets tell of colours and weights of coefficients.
HIGH = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
WITHOUT_SUBSAMPLING = 3  # of colours
SMALL_LISTS, SMALL, LARGE = 6, 16, 64  # of weights: the first six are short
EXTRA_ROWS = 2  # of macroblocks; interlaced films count rows in pairs


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


def taller(description: bytes) -> bytes:
    """Return what a stream says of its pictures, with more rows of macroblocks.

    Args:
        description: as a container keeps it, or a packet of units with start codes.
    """
    if not description.startswith(AVC_CONFIGURATION):
        return SET.sub(lambda found: START_CODE + _taller_set(found[1]), description)
    made, at = description[: SETS_AT + 1], SETS_AT + 1
    for _ in range(made[-1] & SETS_MASK if len(made) > SETS_AT else 0):
        size = int.from_bytes(description[at : at + 2], "big")
        unit = _taller_set(description[at + 2 : at + 2 + size])
        made += len(unit).to_bytes(2, "big") + unit
        at += 2 + size
    return made + description[at:]


def _taller_set(unit: bytes) -> bytes:
    """Return a parameter set with more rows; one that cannot be read as it is."""
    if len(unit) > MOST_BYTES:
        return unit
    bits = _Bits(ESCAPED.sub(b"\x00\x00", unit))
    try:
        _go_to_height(bits)
        before = bits.text[: bits.at]
        rows = bits.golomb()
        behind = bits.text[bits.at :].rstrip("0")
        rows += EXTRA_ROWS if bits.fixed(1) else EXTRA_ROWS // 2
    except ValueError:
        return unit
    text = before + _golomb(rows) + behind
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
