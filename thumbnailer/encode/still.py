"""The still thumbnail, as JPEG."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

QUALITY = 85


def encode_still(frame: NDArray[np.uint8]) -> bytes:
    """Encode one (height, width, 3) RGB frame."""
    file = BytesIO()
    Image.fromarray(frame).save(file, format="JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()
