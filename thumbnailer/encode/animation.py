"""What every animated format offers, and what comes out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]  # (N, H, W, 3) RGB


@dataclass(frozen=True, slots=True)
class AnimationFormat:
    """One file format and its encoder.

    Attributes:
        name: such as "gif".
        media_type: such as "image/gif".
        file_extension: such as ".gif".
        default_quality: of 0 (smallest) to 100; what is asked for where the budget allows it.
        budget_bytes: what a thumbnail of 3 x 12 frames of 320 x 180 may weigh on a page.
        encode: frames, delay in hundredths of a second and quality to the file's bytes.
        decode: the file's bytes, the number of frames and the delay to the frames as shown, which
            may be a pixel wider and higher than those encoded.
    """

    name: str
    media_type: str
    file_extension: str
    default_quality: int
    budget_bytes: int
    encode: Callable[[Frames, int, int], bytes]
    decode: Callable[[bytes, int, int], Frames]


@dataclass(frozen=True, slots=True)
class Animation:
    """An animated file in memory.

    Attributes:
        content: its bytes.
        media_type: such as "image/gif".
        file_extension: such as ".gif".
        width: pixels.
        height: pixels.
        quality: 0 to 100, as the encoder was last told.
        ssim: of the frames as shown, with those encoded, on luma.
        budget_bytes: what it should weigh at most.
        within_budget: whether it does; where not, this is the smallest that could be made.
        encodes: how often the encoder ran.
    """

    content: bytes
    media_type: str
    file_extension: str
    width: int
    height: int
    quality: int
    ssim: float
    budget_bytes: int
    within_budget: bool
    encodes: int
