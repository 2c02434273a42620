"""Units of H.264, of which packets consist: slices of pictures, parameters, remarks.

They stand behind start codes (H.264, annex B), or behind their sizes (ISO/IEC 14496-15, 5.3.2).
"""

from collections.abc import Callable

AVC_CONFIGURATION = b"\x01"  # begins the description of a stream whose units have sizes
SIZE_AT, SIZE_MASK = 4, 0x03  # in it: of how many bytes a size is, less one
START_CODE = b"\x00\x00\x01"
KIND = 0x1F  # in a unit's first byte (table 7-1)
PARAMETERS = 7


def size_bytes_of(description: bytes) -> int:
    """Return of how many bytes a unit's size is; 0 where units stand behind start codes."""
    if not description.startswith(AVC_CONFIGURATION) or len(description) <= SIZE_AT:
        return 0
    return (description[SIZE_AT] & SIZE_MASK) + 1


def units_of(content: bytes, size_bytes: int) -> list[bytes]:
    """Return the units of a packet."""
    if not size_bytes:
        return content.split(START_CODE)[1:]
    units, at = [], 0
    while at + size_bytes < len(content):
        start = at + size_bytes
        at = start + int.from_bytes(content[at:start], "big")
        units.append(content[start:at])
    return units


def with_units(content: bytes, size_bytes: int, changed: Callable[[bytes], bytes]) -> bytes:
    """Return a packet whose units have been changed."""
    units = [changed(unit) for unit in units_of(content, size_bytes)]
    if size_bytes:
        return b"".join(len(unit).to_bytes(size_bytes, "big") + unit for unit in units)
    return START_CODE.join([content.partition(START_CODE)[0], *units])


def kind_of(unit: bytes) -> int:
    """Return the type of a unit; 0 is none."""
    return unit[0] & KIND if unit else 0
