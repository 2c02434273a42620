"""Memory for the pictures of libde265, all zero, so that what was not written of one shows.

A picture of H.265 says after each block whether it ends, and a changed bit can make it end early.
Decoders take that for whole; what is left of the picture shows what was in the memory before.
"""

from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, byref, c_int, c_void_p
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNMENT, PADDING = 64, 64  # bytes: libde265 may read a little beyond the end
# By libde265's numbers of formats: how much narrower and lower the planes of colour are.
SUBSAMPLING = {2: (2, 2), 3: (2, 1), 4: (1, 1)}
ROWS, COLUMNS = 16, 32  # of points that are looked at
LEAST_POINTS = 3  # of them; brightness and both colours are never 0 together in a film


class _Spec(Structure):
    """A picture to come, as de265_image_spec of de265.h."""

    _fields_ = [(name, c_int) for name in ("format", "width", "height", "alignment")]


_GET = CFUNCTYPE(c_int, c_void_p, POINTER(_Spec), c_void_p, c_void_p)
_RELEASE = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p)


class _Functions(Structure):
    """The functions that give and take memory, as de265_image_allocation of de265.h."""

    _fields_ = [("get_buffer", _GET), ("release_buffer", _RELEASE)]


@dataclass(frozen=True, slots=True)
class _Planes:
    """The three planes of a picture, (H, W) of samples each, and the memory that holds them."""

    samples: tuple[NDArray[np.unsignedinteger[Any]], ...]
    memory: tuple[NDArray[np.uint8], ...]


class ZeroedMemory:
    """Gives memory to the pictures of one decoder, which must not outlive it."""

    def __init__(self, library: CDLL, decoder: int) -> None:
        self._library, self._numbers = library, count(1)
        self._held: dict[int, _Planes] = {}
        self._latest: _Planes | None = None
        self._functions = _Functions(_GET(self._get), _RELEASE(self._release))
        library.de265_set_image_allocation_functions(decoder, byref(self._functions), None)

    def forget(self) -> None:
        """Take it that no picture has been begun."""
        self._latest = None

    @property
    def has_unwritten(self) -> bool:
        """Whether parts of the picture that was begun last were not written."""
        if self._latest is None:
            return False
        is_zero = [_points(samples) == 0 for samples in self._latest.samples]
        return int(np.logical_and.reduce(is_zero).sum()) >= LEAST_POINTS

    def _get(self, _decoder: int, spec: Any, picture: int, _data: int) -> int:
        wanted = spec.contents
        by = SUBSAMPLING.get(wanted.format)
        if by is None:
            return 0
        sizes = [
            (wanted.width, wanted.height),
            *[(wanted.width // by[0], wanted.height // by[1])] * 2,
        ]
        bits = [self._library.de265_get_bits_per_pixel(picture, plane) for plane in range(3)]
        planes = _Planes(*zip(*map(_plane, sizes, bits), strict=True))
        number = next(self._numbers)
        for plane, samples in enumerate(planes.samples):
            place = samples.ctypes.data, samples.strides[0], number
            self._library.de265_set_image_plane(picture, plane, *place)
        self._held[number] = self._latest = planes
        return 1

    def _release(self, _decoder: int, picture: int, _data: int) -> None:
        self._held.pop(self._library.de265_get_image_plane_user_data(picture, 0), None)


def _plane(
    size: tuple[int, int], bits: int
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.uint8]]:
    """Return a (H, W) plane of zeros, and the memory that holds it."""
    width, height = size
    sample = np.dtype(np.uint8 if bits <= 8 else np.uint16)
    row = -(-width * sample.itemsize // ALIGNMENT) * ALIGNMENT
    # Rows are told in bytes. Releases of libde265 that take them for samples stay inside, too.
    memory = np.zeros(ALIGNMENT + row * height * sample.itemsize + PADDING, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    rows = memory[start : start + row * height].view(sample).reshape(height, -1)
    return rows[:, :width], memory


def _points(samples: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.unsignedinteger[Any]]:
    """Return (16, 32) points of a plane: the same places of each plane of a picture."""
    rows, columns = (
        (np.arange(count) + 0.5) * size / count
        for count, size in zip((ROWS, COLUMNS), samples.shape, strict=True)
    )
    return samples[np.ix_(rows.astype(int), columns.astype(int))]
