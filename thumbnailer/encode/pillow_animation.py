"""Writes and reads animated images by Pillow."""

from io import BytesIO

import numpy as np
from PIL import Image

from thumbnailer.encode.animation import Frames

LOOP_FOREVER = 0


def save_animation(
    frames: Frames, delay_cs: int, *, image_format: str, **options: int | bool
) -> bytes:
    """Return a looping file of these frames; options are those of Pillow's writer."""
    first, *others = [Image.fromarray(frame) for frame in frames]
    file = BytesIO()
    first.save(
        file,
        format=image_format,
        save_all=True,
        append_images=others,
        duration=10 * delay_cs,
        loop=LOOP_FOREVER,
        **options,
    )
    return file.getvalue()


def frames_on_screen(content: bytes, count: int, delay_cs: int) -> Frames:
    """Return what a player shows amid each frame's time; encoders may join frames that are equal.

    Returns:
        (count, H, W, 3).
    """
    pictures, durations_ms = [], []
    with Image.open(BytesIO(content)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pictures.append(np.asarray(image.convert("RGB")))
            durations_ms.append(image.info.get("duration", 0))
    middles_ms = (np.arange(count) + 0.5) * 10 * delay_cs
    numbers = np.searchsorted(np.cumsum(durations_ms), middles_ms, side="right")
    return np.stack(pictures)[np.minimum(numbers, len(pictures) - 1)]
