"""The paper's GIF: three shots of twelve frames at 80 ms, looping, by Pillow."""

from collections.abc import Sequence
from io import BytesIO
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FRAMES_PER_SHOT = 12
FRAME_MS = 80  # GIF delays are whole centiseconds, and browsers slow down what is under 20 ms
COLOURS = 256
LOOP_FOREVER = 0
LEAVE_IN_PLACE = 1


def encode_gif(shots: Sequence[Sequence[NDArray[np.uint8]]]) -> bytes:
    """Encode the shots' (height, width, 3) RGB frames, in the order given.

    Each shot has its own palette. Frames are not dithered: the noise would cost more bytes than
    the smoother gradients are worth.
    """
    first, *others = chain.from_iterable(_quantised(shot) for shot in shots)
    file = BytesIO()
    first.save(
        file,
        format="GIF",
        save_all=True,
        append_images=others,
        duration=FRAME_MS,
        loop=LOOP_FOREVER,
        disposal=LEAVE_IN_PLACE,
        optimize=False,  # would renumber the palette of every frame for nothing
    )
    return file.getvalue()


def _quantised(frames: Sequence[NDArray[np.uint8]]) -> list[Image.Image]:
    sheet = Image.fromarray(np.concatenate(frames, axis=0))
    palette = sheet.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    return [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]
