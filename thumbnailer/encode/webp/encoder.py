"""Small animated WebP files: still pictures of those blocks that the canvas does not show yet.

A WebP animation is a row of still pictures, each laid over the canvas. Whatever is transparent in
one costs next to nothing, so a block is drawn again only where its error costs more than its bits
do (conditional replenishment; Mounts, "A video encoding system with conditional picture-element
replenishment", Bell System Technical Journal 48(7), 1969). libwebp makes the stills.
"""

from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.colour import to_ycbcr
from thumbnailer.encode.parts.footage import Footage, Frames
from thumbnailer.encode.parts.rectangle import Rectangle, bounds
from thumbnailer.encode.webp.blocks import (
    BLOCK_PX,
    block_activity,
    block_losses,
    lay_over,
    with_alpha,
)
from thumbnailer.encode.webp.riff import Piece, animated_webp, picture_of

EFFORT = 4  # 6 takes many times as long for a twentieth fewer bytes
BEST_QUALITY = 100
# An error may grow by so many times what drawing leaves on a block as busy, before it is redrawn.
PATIENCE = 3.0
FLAT_ACTIVITY = 1.0  # levels a pixel: what a flat block costs nevertheless
SCENE_KEEPS = 0.1  # of the blocks, where a scene is new: fewer than that can stay
# The first picture of a scene is the better, the more of it will stay on the canvas.
STAYS_BONUS = 10.0  # of quality, where all of it stays
STAYS_FRAMES, STAYS_LOSS = 6, 8.0
LOSS_PER_QUALITY = 1.05  # an error grows by so much where quality is one less


@dataclass(frozen=True, slots=True)
class EncodedWebp:
    """An animated WebP and what it shows.

    Attributes:
        content: the file's bytes.
        shown: (N, H, W, 3) RGB frames, as libwebp shows them.
    """

    content: bytes
    shown: Frames


def encode_webp(footage: Footage, *, delay_cs: int = 8, quality: int = 82) -> EncodedWebp:
    """Encode a looping WebP.

    Args:
        footage: what is to be shown.
        delay_cs: hundredths of a second that each frame stays.
        quality: libwebp's, 0 (smallest) to 100.
    """
    frames = footage.frames
    painter = _Painter(footage, quality)
    duration_ms = 10 * delay_cs
    pieces: list[Piece] = []
    shown = []
    for number in range(len(frames)):
        painted = painter.paint(number)
        if painted is None:
            pieces[-1] = replace(pieces[-1], duration_ms=pieces[-1].duration_ms + duration_ms)
        else:
            pieces.append(Piece(*painted, duration_ms=duration_ms))
        shown.append(painter.canvas.copy())
    content = animated_webp(frames.shape[2], frames.shape[1], pieces)
    return EncodedWebp(content, np.stack(shown))


class _Painter:
    """Paints frame after frame, and knows what is on the canvas.

    Attributes:
        canvas: (H, W, 3) RGB.
        wanted: luma and colour differences of the frame at hand, (H, W, 3).
        usual: the error of each block when it was last drawn, (rows, columns).
        price: the error that goes with one unit of activity in this scene.
    """

    def __init__(self, footage: Footage, quality: int) -> None:
        self.frames, self.quality = footage.frames, quality
        self.weights = footage.weights
        self.canvas = np.zeros_like(self.frames[0])
        self.wanted = _ycbcr(self.frames[0])
        self.usual = np.zeros_like(self._activity())
        self.price = np.float32(0)

    def paint(self, number: int) -> tuple[Rectangle, bytes] | None:
        """Return where something is drawn and the picture's chunks; None where all can stay."""
        self.wanted = _ycbcr(self.frames[number])
        keep = self._shows_well(number)
        if keep.all():
            return None
        is_new = bool(keep.mean() < SCENE_KEEPS)
        bonus = self._bonus(number) if is_new else 0.0
        drawn = self._drawn(~keep)
        part = bounds(drawn)
        still = _still(self.frames[number], drawn, part, self.quality + bonus)
        lay_over(self.canvas, _decoded(still), drawn, (part.top, part.left))
        losses = np.float32(LOSS_PER_QUALITY**bonus) * self._losses(number)
        self.usual = np.where(keep, self.usual, losses)
        if is_new:
            self.price = losses[~keep].mean() / self._activity()[~keep].mean()
        return part, picture_of(still)

    def _shows_well(self, number: int) -> NDArray[np.bool_]:
        """Return which blocks of the canvas can stay."""
        if number == 0:
            return np.zeros(self.usual.shape, bool)
        allowed = PATIENCE * self.price * self._activity()
        return self._losses(number) - self.usual <= allowed

    def _bonus(self, number: int) -> float:
        """Return how much better the first picture of a scene is to be."""
        later = min(number + STAYS_FRAMES, len(self.frames) - 1)
        wanted = _ycbcr(self.frames[later])
        losses = block_losses(wanted, self.weights[later], self.frames[number])
        share = float(np.mean(losses <= STAYS_LOSS))
        return min(STAYS_BONUS * share, BEST_QUALITY - self.quality)

    def _drawn(self, blocks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which pixels are of these blocks, (H, W)."""
        height, width, _ = self.canvas.shape
        pixels = blocks.repeat(BLOCK_PX, axis=0).repeat(BLOCK_PX, axis=1)[:height, :width]
        return np.ascontiguousarray(pixels)

    def _losses(self, number: int) -> NDArray[np.float32]:
        return block_losses(self.wanted, self.weights[number], self.canvas)

    def _activity(self) -> NDArray[np.float32]:
        return block_activity(self.wanted[..., 0]) + np.float32(FLAT_ACTIVITY)


def _ycbcr(frame: Frames) -> NDArray[np.float32]:
    return to_ycbcr(frame.reshape(-1, 3)).reshape(frame.shape)


def _still(
    picture: NDArray[np.uint8], drawn: NDArray[np.bool_], part: Rectangle, quality: float
) -> bytes:
    """Return a lossy WebP of a part of an (H, W, 3) picture, transparent where nothing is drawn."""
    is_whole = bool(drawn[part.place].all())
    pixels = (picture if is_whole else with_alpha(picture, drawn))[part.place]
    file = BytesIO()
    Image.fromarray(pixels).save(file, format="WEBP", quality=quality, method=EFFORT)
    return file.getvalue()


def _decoded(still: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(still), formats=("WEBP",)) as image:  # no other reader looks at it
        return np.asarray(image.convert("RGB"))


WEBP = AnimationFormat(
    name="webp",
    media_type="image/webp",
    file_extension=".webp",
    version=1,
    default_quality=82,
    budget_bytes=400_000,
    encode=lambda footage, delay_cs, quality: (
        encode_webp(footage, delay_cs=delay_cs, quality=quality).content
    ),
)
