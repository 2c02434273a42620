"""A strict reader of GIFs, written from the GIF89a specification alone."""

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass
class GifFile:
    """What a file holds; ``shown`` is the canvas after each frame, (N, H, W, 3)."""

    width: int
    height: int
    shown: NDArray[np.uint8]
    delays_cs: list[int] = field(default_factory=list)
    transparent: list[int | None] = field(default_factory=list)


class _Bytes:
    def __init__(self, content: bytes) -> None:
        self.content, self.position = content, 0

    def take(self, count: int) -> bytes:
        taken = self.content[self.position : self.position + count]
        assert len(taken) == count, "the file ends early"
        self.position += count
        return taken

    def sub_blocks(self) -> list[bytes]:
        blocks = []
        while size := self.take(1)[0]:
            blocks.append(self.take(size))
        return blocks


def read_gif(content: bytes) -> GifFile:
    """Read a looping GIF of the plainest kind; anything else is an AssertionError."""
    file = _Bytes(content)
    assert file.take(6) == b"GIF89a"
    width, height, flags, background, aspect = struct.unpack("<HHBBB", file.take(7))
    assert flags & 0b1000_1000 == 0b1000_0000, "one unsorted global table"
    assert (background, aspect) == (0, 0)
    table = np.frombuffer(file.take(3 << ((flags & 7) + 1)), np.uint8).reshape(-1, 3)
    _read_loop(file)
    canvas = np.zeros((height, width, 3), np.uint8)
    painted = np.zeros((height, width), bool)
    gif, shown = GifFile(width, height, canvas), []
    while (introducer := file.take(1)) != b"\x3b":
        assert introducer == b"\x21"
        delay_cs, transparent = _read_control(file)
        _read_image(file, table, transparent, canvas, painted)
        assert painted.all(), "the first frame fills the canvas"
        shown.append(canvas.copy())
        gif.delays_cs.append(delay_cs)
        gif.transparent.append(transparent)
    assert file.position == len(content), "nothing follows the trailer"
    gif.shown = np.stack(shown)
    return gif


def _read_loop(file: _Bytes) -> None:
    assert file.take(3) == b"\x21\xff\x0b"
    assert file.take(11) == b"NETSCAPE2.0"
    assert file.sub_blocks() == [b"\x01\x00\x00"]


def _read_control(file: _Bytes) -> tuple[int, int | None]:
    label, size, flags, delay_cs, index, end = struct.unpack("<BBBHBB", file.take(7))
    assert (label, size, end) == (0xF9, 4, 0)
    assert flags & ~1 == 1 << 2, "frames stay in place"
    return delay_cs, index if flags & 1 else None


def _read_image(
    file: _Bytes,
    table: NDArray[np.uint8],
    transparent: int | None,
    canvas: NDArray[np.uint8],
    painted: NDArray[np.bool_],
) -> None:
    separator, left, top, width, height, flags = struct.unpack("<BHHHHB", file.take(10))
    assert (separator, flags) == (0x2C, 0), "no local table, not interlaced"
    assert left + width <= canvas.shape[1]
    assert top + height <= canvas.shape[0]
    assert width
    assert height
    min_code_size = file.take(1)[0]
    assert 2 <= min_code_size <= 8
    blocks = file.sub_blocks()
    assert all(len(block) == 255 for block in blocks[:-1]), "only the last block is short"
    symbols = np.array(decode_lzw(b"".join(blocks), min_code_size, width * height))
    symbols = symbols.reshape(height, width)
    opaque = symbols != (-1 if transparent is None else transparent)
    assert symbols[opaque].max(initial=0) < len(table)
    place = (slice(top, top + height), slice(left, left + width))
    canvas[place][opaque] = table[symbols[opaque]]
    painted[place] |= opaque


def decode_lzw(data: bytes, min_code_size: int, count: int) -> list[int]:
    """Decode exactly ``count`` symbols from a stream that begins with a clear code and ends."""
    clear, end = 1 << min_code_size, (1 << min_code_size) + 1
    strings: list[tuple[int, ...]] = []
    width, position, previous = min_code_size + 1, 0, None
    bits = int.from_bytes(data, "little")
    symbols: list[int] = []
    first = True
    while True:
        assert position + width <= 8 * len(data), "the stream ends early"
        code = bits >> position & ((1 << width) - 1)
        position += width
        assert not first or code == clear, "the stream begins with a clear code"
        first = False
        if code == end:
            break
        if code == clear:
            strings = [(symbol,) for symbol in range(clear)] + [(), ()]
            width, previous = min_code_size + 1, None
            continue
        assert code < len(strings) + (previous is not None), "the code is known or the next"
        if previous is not None:
            source = strings[code] if code < len(strings) else previous
            assert len(strings) < 4096, "the table was cleared in time"
            strings.append((*previous, source[0]))
            if len(strings) == 1 << width and width < 12:
                width += 1
        previous = strings[code]
        symbols.extend(previous)
    assert len(symbols) == count
    assert 8 * len(data) - position < 8, "no bytes follow the end code"
    assert bits >> position == 0
    return symbols
