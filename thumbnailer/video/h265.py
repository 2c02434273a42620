"""Pictures of H.265, read by libde265, which tells of those that do not end with their packet.

From a changed bit on an arithmetic decoder reads other symbols, and hardly ever meets the mark of
the end just where the picture ends: one time in two hundred. FFmpeg's decoder does not look at it.
Where the mark is met too early libde265 says nothing either, but leaves the rest unwritten.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL, byref, c_char_p, c_int, c_int64, c_void_p
from functools import cache
from importlib.metadata import files
from typing import Self

import av
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.video.stream import VideoStream

from thumbnailer.video.h265_memory import ZeroedMemory
from thumbnailer.video.reading import Extent

UNIT = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)
KEYFRAMES = range(16, 24)  # types of units: pictures from which one can begin (H.265, table 7-1)
FIRST_WITHOUT_PICTURE = 32  # from this type on: parameters and remarks
WITHOUT_FILTERS = 7, 8  # DE265_DECODER_PARAM_DISABLE_DEBLOCKING, _SAO: two fifths of the time
# Says that a picture is not read to its end, or beyond it: names of libde265's error codes.
ENDS_WRONGLY = {
    4,  # COEFFICIENT_OUT_OF_IMAGE_BOUNDS
    6,  # CTB_OUTSIDE_IMAGE_AREA
    17,  # PREMATURE_END_OF_SLICE
    1002,  # PREMATURE_END_OF_SLICE_SEGMENT, and so on, as warnings
    1003,  # INCORRECT_ENTRY_POINT_OFFSET
    1004,  # CTB_OUTSIDE_IMAGE_AREA
    1007,  # SLICEHEADER_INVALID
    1017,  # EOSS_BIT_NOT_SET
    1020,  # SLICE_SEGMENT_ADDRESS_INVALID
    1021,  # DEPENDENT_SLICE_WITH_ADDRESS_ZERO
}


class H265Reader:
    """Reads the packets of one stream in their order, from a keyframe on."""

    def __init__(self, decoder: int, units: BitStreamFilterContext) -> None:
        self._decoder, self._units = decoder, units
        self._memory = ZeroedMemory(_library(), decoder)
        self._is_on = False

    @classmethod
    @contextmanager
    def of(cls, stream: VideoStream) -> Iterator[Self]:
        """Open a reader of the stream, for as long as the context lasts."""
        library = _library()
        decoder = library.de265_new_decoder()
        for parameter in WITHOUT_FILTERS:
            library.de265_set_parameter_bool(decoder, parameter, 1)
        try:
            yield cls(decoder, BitStreamFilterContext("hevc_mp4toannexb", stream))
        finally:
            library.de265_free_decoder(decoder)

    def is_whole(self, packet: "Packet[VideoStream]", extent: Extent) -> bool | None:
        """Tell whether a packet ends where its picture does (thumbnailer.video.reading)."""
        try:
            packets = self._units.filter(Packet(bytes(packet)))
        except (av.FFmpegError, OSError):
            return False
        units = b"".join(map(bytes, packets))
        is_keyframe = _is_keyframe(units)
        self._is_on = is_keyframe or (self._is_on and extent is not Extent.KEYFRAMES)
        if not self._is_on:
            return None
        self._memory.forget()
        said = self._said_of(units)
        # Other pictures take over what is unwritten from those that they are built on.
        return not (ENDS_WRONGLY & said or (is_keyframe and self._memory.has_unwritten))

    def _said_of(self, units: bytes) -> set[int]:
        library, more, said = _library(), c_int(1), {0}
        library.de265_push_data(self._decoder, units, len(units), 0, None)
        library.de265_push_end_of_frame(self._decoder)
        error = 0
        while more.value and not error:
            error = library.de265_decode(self._decoder, byref(more))
            said.add(error)
            while warning := library.de265_get_warning(self._decoder):
                said.add(warning)
            while library.de265_get_next_picture(self._decoder):
                pass  # it makes room for others
        return said


def _is_keyframe(units: bytes) -> bool:
    """Tell whether the first picture among these units is one from which a film can begin."""
    types = (found[1][0] >> 1 & 0x3F for found in UNIT.finditer(units))
    return next((each for each in types if each < FIRST_WITHOUT_PICTURE), 0) in KEYFRAMES


@cache
def _library() -> CDLL:
    """Load the libde265 that comes in the package pi-heif."""
    [place] = [each for each in files("pi-heif") or [] if each.name.startswith("libde265")]
    library = CDLL(str(place.locate()))
    decoder = c_void_p
    library.de265_new_decoder.restype = decoder
    library.de265_get_next_picture.restype = c_void_p
    library.de265_get_image_plane_user_data.restype = c_void_p
    arguments = {
        "free_decoder": [decoder],
        "set_parameter_bool": [decoder, c_int, c_int],
        "push_data": [decoder, c_char_p, c_int, c_int64, c_void_p],
        "push_end_of_frame": [decoder],
        "decode": [decoder, c_void_p],
        "get_warning": [decoder],
        "get_bits_per_pixel": [c_void_p, c_int],
        "set_image_plane": [c_void_p, c_int, c_void_p, c_int, c_void_p],
        "get_image_plane_user_data": [c_void_p, c_int],
        "set_image_allocation_functions": [decoder, c_void_p, c_void_p],
        "get_next_picture": [decoder],
    }
    for name, types in arguments.items():
        getattr(library, f"de265_{name}").argtypes = types
    return library
