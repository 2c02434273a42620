"""The counters of MPEG-TS's packets, which begin anew where another recording does.

Each stream's packets are numbered from 0 to 15 and on from 0 (ISO/IEC 13818-1, section 2.4.3.3).
Most writers begin with the tables and at 0; so do the parts that a film is cut into for streaming.
"""

from typing import BinaryIO

PACKET_BYTES, SYNC = 188, 0x47
BEGINS, PID_MASK, COUNTER_MASK = 0x40, 0x1FFF, 0x0F
TABLE_OF_PROGRAMS = 0  # the PID of the first table
MOST_TABLES = 4  # from it on to the first picture


class Counters:
    """Looks up counters in a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin_anew(self, position: int) -> bool:
        """Tell whether a recording begins with the picture at this position of the file.

        By chance it seems to one time in 256: tables have one counter, pictures another.
        """
        start = max(0, position - MOST_TABLES * PACKET_BYTES)
        start += (position - start) % PACKET_BYTES
        self._file.seek(start)
        content = self._file.read(position + PACKET_BYTES - start)
        for at in range(position - start, -1, -PACKET_BYTES):
            head = content[at : at + 4]
            if len(head) < 4 or head[0] != SYNC or not head[1] & BEGINS or head[3] & COUNTER_MASK:
                return False
            if int.from_bytes(head[1:3], "big") & PID_MASK == TABLE_OF_PROGRAMS:
                return True
        return False
