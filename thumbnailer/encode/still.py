"""The still thumbnail, as JPEG."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.video.fitness import DARK_LUMA

QUALITY = 85
SHARP_SHARE = 0.8  # of the sharpness that half of the frames reach


def encode_still(frame: NDArray[np.uint8], *, quality: int = QUALITY) -> bytes:
    """Encode one (height, width, 3) RGB frame."""
    file = BytesIO()
    Image.fromarray(frame).save(file, format="JPEG", quality=quality, optimize=True)
    return file.getvalue()


def first_good(frames: NDArray[np.uint8]) -> int:
    """Return the number of the first of (N, H, W, 3) frames that is neither dark nor blurred.

    It is what viewers see who ask for less motion. Where none is good, it is the first.
    """
    gray = frames.mean(axis=3, dtype=np.float32) / np.float32(255)  # (N, H, W)
    detail = np.abs(np.diff(gray, axis=1)).mean(axis=(1, 2))  # (N,) steps from row to row ...
    detail += np.abs(np.diff(gray, axis=2)).mean(axis=(1, 2))  # ... and from column to column
    sharp = detail >= SHARP_SHARE * np.median(detail)
    lit = gray.mean(axis=(1, 2)) > DARK_LUMA
    return int(np.argmax(sharp & lit))
