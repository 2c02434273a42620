"""Small GIFs: one palette, pixels that stay on the canvas, and lossy LZW.

The file is as in the GIF89a specification: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thumbnailer.encode.gif.canvas import Frame, best_symbols, lay_over
from thumbnailer.encode.gif.lzw import MOST_BEND, Pixels, compress
from thumbnailer.encode.gif.palette import (
    MOST_COLOURS,
    Palette,
    exact_palette,
    k_means_palette,
    mean_error,
)
from thumbnailer.encode.gif.temporal_denoise import hold_still
from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.colour import to_ycbcr
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.encode.parts.rectangle import Rectangle, bounds

LOSSLESS = 100
COLOURS = 127  # a bit a code fewer than 255; bands show, and colours that are rare are lost
FINE_QUALITY = 60  # from here on all 255 colours are worth their bytes ...
COLOURFUL = 20.0  # ... or where 127 are so far off: levels squared, mean over all pixels
STILLNESS = 0.6  # of the tolerance, for what moves too little to be seen

HEADER = b"GIF89a"
LOOP_FOREVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
TRAILER = b"\x3b"
LEAVE_IN_PLACE = 1 << 2
HAS_TRANSPARENCY = 1
GLOBAL_TABLE = 0b1111_0000  # there is one, of 8 bits a channel


@dataclass(frozen=True, slots=True)
class EncodedGif:
    """A GIF and what it shows.

    Attributes:
        content: the file's bytes.
        symbols: (N, H, W) the colour of each pixel, as every decoder must show it.
        table: (K, 3) the colours, RGB.
    """

    content: bytes
    symbols: NDArray[np.uint8]
    table: NDArray[np.uint8]

    @property
    def shown(self) -> NDArray[np.uint8]:
        """The (N, H, W, 3) RGB frames that decoders show."""
        return self.table[self.symbols]


def encode_gif(footage: Footage, *, delay_cs: int = 8, quality: int = 60) -> EncodedGif:
    """Encode a looping GIF.

    Where at most 255 colours occur, the palette is exact. Nothing is dithered: LZW cannot pack
    noise, and a noise that differs from frame to frame leaves nothing on the canvas to keep.

    Args:
        footage: what is to be shown.
        delay_cs: hundredths of a second that each frame stays; browsers slow down 0 and 1.
        quality: 0 (smallest) to 100 (each pixel takes its nearest palette colour).

    Raises:
        ValueError: frames, delay or quality are not of this kind.
    """
    frames = footage.frames
    _check(frames, delay_cs, quality)
    tolerance = tolerance_of(quality)
    ycbcr, weights = footage.ycbcr(), footage.weights
    palette = exact_palette(frames.reshape(-1, 3))
    if palette is None:
        if tolerance:
            hold_still(ycbcr, weights, np.float32(STILLNESS * tolerance))
        palette = _palette(ycbcr.reshape(-1, 3), weights.ravel(), quality)
    painter = _Painter(palette, weights, ycbcr, tolerance)
    symbols = np.empty(frames.shape[:3], np.uint8)
    images = [painter.paint(number, delay_cs, symbols[number]) for number in range(len(frames))]
    blocks = [_screen(frames.shape[2], frames.shape[1], painter.table), LOOP_FOREVER]
    content = HEADER + b"".join(blocks + images) + TRAILER
    return EncodedGif(content, symbols, painter.table)


def _palette(ycbcr: NDArray[np.float32], weights: NDArray[np.float32], quality: int) -> Palette:
    """Return the colours for (P, 3) pixels: below the fine qualities few, where few will do."""
    if quality < FINE_QUALITY:
        few = k_means_palette(ycbcr, weights, COLOURS)
        if mean_error(ycbcr, to_ycbcr(few.rgb), few.nearest) < COLOURFUL:
            return few
    return k_means_palette(ycbcr, weights, MOST_COLOURS)


def tolerance_of(quality: int) -> float:
    """Return the weighted squared error that is worth one pixel less to store."""
    return 0.0 if quality == LOSSLESS else 64.0 * 2 ** (-quality / 15)


def _check(frames: NDArray[np.uint8], delay_cs: int, quality: int) -> None:
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        raise ValueError(
            f"frames are {frames.dtype} of shape {frames.shape}, must be uint8 of (N, H, W, 3)"
        )
    if max(frames.shape[1:3]) > 0xFFFF:
        raise ValueError(f"frames.shape == {frames.shape}, a GIF has at most 65535 x 65535 pixels")
    if not 0 <= delay_cs <= 0xFFFF:
        raise ValueError(f"delay_cs == {delay_cs}, must be 0 to 65535")
    if not 0 <= quality <= LOSSLESS:
        raise ValueError(f"quality == {quality}, must be 0 to 100")


class _Painter:
    """Paints the frames one after the other and knows what is on the canvas."""

    def __init__(
        self,
        palette: Palette,
        weights: NDArray[np.float32],
        wanted: NDArray[np.float32],
        tolerance: float,
    ) -> None:
        count, height, width = weights.shape
        self.transparent = len(palette.rgb)
        self.min_code_size = max(2, self.transparent.bit_length())
        self.table = np.zeros((1 << self.min_code_size, 3), np.uint8)
        self.table[: self.transparent] = palette.rgb
        self.colours = to_ycbcr(palette.rgb)
        self.nearest = palette.nearest.reshape(count, height, width)
        self.weights, self.wanted = weights, wanted
        self.tolerance = np.float32(tolerance)
        self.canvas = np.full((height, width), self.transparent, np.int32)

    def paint(self, number: int, delay_cs: int, shown: NDArray[np.uint8]) -> bytes:
        """Return the frame's blocks; ``shown``, (H, W), takes the symbols on the canvas then."""
        frame = Frame(self.wanted[number], self.weights[number], self.nearest[number])
        symbols, errors, kept_errors = best_symbols(
            frame, self.colours, self.canvas, self.tolerance
        )
        part = bounds(kept_errors > errors + MOST_BEND * self.tolerance)
        pixels = Pixels(
            wanted=np.ascontiguousarray(frame.wanted[part.place]).reshape(-1, 3),
            weights=frame.weights[part.place].ravel(),
            palette=self.colours,
            transparent=self.transparent,
            kept_errors=kept_errors[part.place].ravel(),
            symbols=symbols[part.place].ravel(),
            errors=errors[part.place].ravel(),
            tolerance=self.tolerance,
        )
        stream, painted = compress(pixels, self.min_code_size)
        drawn = painted.reshape(part.height, part.width)
        lay_over(self.canvas, drawn, (part.top, part.left), self.transparent)
        control = _control(delay_cs, None if number == 0 else self.transparent)
        image = _image(part, self.min_code_size, stream)
        shown[:] = self.canvas
        return control + image


def _screen(width: int, height: int, table: NDArray[np.uint8]) -> bytes:
    """Return the logical screen descriptor and the global colour table."""
    size = len(table).bit_length() - 2  # the table has 2^(size + 1) colours
    return struct.pack("<HHBBB", width, height, GLOBAL_TABLE | size, 0, 0) + table.tobytes()


def _control(delay_cs: int, transparent: int | None) -> bytes:
    """Return the graphic control extension; the first frame has no transparent colour."""
    flags = LEAVE_IN_PLACE | (0 if transparent is None else HAS_TRANSPARENCY)
    return struct.pack("<BBBBHBB", 0x21, 0xF9, 4, flags, delay_cs, transparent or 0, 0)


def _image(part: Rectangle, min_code_size: int, stream: bytes) -> bytes:
    """Return the image descriptor and its data."""
    descriptor = struct.pack("<BHHHHB", 0x2C, part.left, part.top, part.width, part.height, 0)
    return descriptor + bytes([min_code_size]) + b"".join(_sub_blocks(stream)) + b"\x00"


def _sub_blocks(stream: bytes) -> Iterator[bytes]:
    for start in range(0, len(stream), 255):
        block = stream[start : start + 255]
        yield bytes([len(block)]) + block


def log_size(quality: int) -> float:
    """Return the logarithm of a GIF's bytes but for a constant, on the median of real clips."""
    finer = 0.19 if quality >= FINE_QUALITY else 0.0
    return 0.02 * quality - 0.000075 * quality**2 + finer


GIF = AnimationFormat(
    name="gif",
    media_type="image/gif",
    file_extension=".gif",
    version=2,
    default_quality=60,
    budget_bytes=700_000,
    encode=lambda footage, delay_cs, quality: (
        encode_gif(footage, delay_cs=delay_cs, quality=quality).content
    ),
    log_size=log_size,
)
