"""The checksums of Matroska files, which FFmpeg writes and does not look at.

Each cluster, a few seconds of film, may begin with a CRC-32 of what follows in it (RFC 8794,
section 11.3.1), and so may the list of tracks, in which codecs have their parameters. It is all
that tells of damage amid pictures whose decoder takes anything.
"""

import zlib
from dataclasses import dataclass
from typing import BinaryIO

CLUSTER, TRACKS, CRC_32 = b"\x1f\x43\xb6\x75", b"\x16\x54\xae\x6b", b"\xbf\x84"
HEAD_BYTES = len(CLUSTER) + 8 + len(CRC_32) + 4  # at most: the size has 1 to 8 bytes
BLOCK_BYTES = 1 << 16
MOST_BEFORE_BYTES = 1 << 20  # the tracks, where a file has them before its film


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a file that has a checksum: a cluster, or the tracks.

    Attributes:
        start: its first byte.
        end: one past its last byte.
        is_whole: whether its content is what the checksum says, as far as can be known: of a
            download that broke off the last cluster cannot be checked.
    """

    start: int
    end: int
    is_whole: bool


class Checksums:
    """Tells by its place in the file whether a packet lies in a part that has changed.

    A file whose first packet lies in a cluster without a checksum has none.

    Attributes:
        is_cut_off: whether the file has been seen to end amid a cluster.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._cluster: Element | None = None
        self._has_any: bool | None = None
        self.is_cut_off = False

    def is_spoilt(self, position: int) -> bool:
        """Tell whether the bytes at this position have changed since they were written."""
        if self._has_any is False or position < 0:
            return False
        here = self._cluster
        if here is None or not here.start < position < here.end:
            here = self._cluster = self._find(position, here)
        if self._has_any is None:
            self._has_any = here is not None
        return self._has_any and (here is None or not here.is_whole)

    def are_tracks_spoilt(self) -> bool:
        """Tell whether the list of tracks has changed since it was written."""
        self._file.seek(0)
        beginning = self._file.read(MOST_BEFORE_BYTES)
        at = beginning.find(TRACKS)
        while at >= 0:  # a list of what the file holds may have the name, too
            tracks = self._element_at(TRACKS, at)
            if tracks is not None:
                return not tracks.is_whole
            at = beginning.find(TRACKS, at + 1)
        return False

    def _find(self, position: int, last: Element | None) -> Element | None:
        """Return the cluster that holds the position: mostly the one that follows the last."""
        starts = [last.end] if last else []
        starts.append(self._start_before(position))
        for start in starts:
            found = self._element_at(CLUSTER, start)
            if found is not None and found.start < position < found.end:
                return found
        return None

    def _start_before(self, position: int) -> int:
        """Return where the nearest cluster before the position begins; 0 where there is none."""
        end = position
        while end > 0:
            start = max(0, end - BLOCK_BYTES)
            self._file.seek(start)
            at = self._file.read(end - start + len(CLUSTER) - 1).rfind(CLUSTER)
            if at >= 0:
                return start + at
            end = start
        return 0

    def _element_at(self, name: bytes, start: int) -> Element | None:
        """Return the element of this name that begins here; None where it has no checksum."""
        self._file.seek(start)
        head = self._file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or not head.startswith(name):
            return None
        size_bytes = 9 - head[4].bit_length()
        content = len(name) + size_bytes
        size = int.from_bytes(head[4:content], "big") ^ 1 << 7 * size_bytes
        if size_bytes > 8 or head[content : content + 2] != CRC_32:
            return None
        body, end = content + 6, start + content + size
        told = int.from_bytes(head[content + 2 : body], "little")
        found = self._crc_32(start + body, end)
        self.is_cut_off = self.is_cut_off or found is None
        return Element(start, end, is_whole=found in {told, None})

    def _crc_32(self, start: int, end: int) -> int | None:
        """Return the checksum of these bytes; None where the file ends amid them."""
        self._file.seek(start)
        crc, left = 0, end - start
        while block := self._file.read(min(BLOCK_BYTES, left)):
            crc, left = zlib.crc32(block, crc), left - len(block)
        return None if left else crc
