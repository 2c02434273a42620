from io import BytesIO

import numpy as np
from PIL import Image

from thumbnailer.encode.avif import encode_avif
from thumbnailer.encode.parts.footage import Footage


def test_flat_colours_are_not_tinted() -> None:
    """Patches of 16 x 16 come back without one channel off to one side."""
    colours = np.random.default_rng(0).integers(0, 256, (64, 3))
    sheet = colours.reshape(8, 8, 3).repeat(16, axis=0).repeat(16, axis=1).astype(np.uint8)
    content = encode_avif(Footage(np.stack([sheet, sheet])), 8, 95)
    shown = np.asarray(Image.open(BytesIO(content)).convert("RGB")).astype(int)
    middles = shown.reshape(8, 16, 8, 16, 3)[:, 5:11, :, 5:11].mean(axis=(1, 3)).reshape(64, 3)
    off = middles - colours
    assert np.abs(off.mean(axis=0)).max() < 0.6
    assert np.abs(off).mean() < 0.7


def test_gray_stays_gray() -> None:
    grays = np.arange(0, 256, 4, dtype=np.uint8)
    sheet = grays.reshape(8, 8)[..., None].repeat(3, axis=2).repeat(16, axis=0).repeat(16, axis=1)
    content = encode_avif(Footage(np.stack([sheet, sheet])), 8, 95)
    shown = np.asarray(Image.open(BytesIO(content)).convert("RGB")).astype(int)
    assert np.ptp(shown, axis=2).max() <= 1
