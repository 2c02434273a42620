"""The frames of a thumbnail, and what several encoders, or one several times, ask of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thumbnailer.encode.parts.colour import luma, to_ycbcr
from thumbnailer.encode.parts.error_weights import error_weights

Frames = NDArray[np.uint8]  # (N, H, W, 3) RGB


@dataclass(frozen=True)
class Footage:
    """Frames in play order, and what is derived of them.

    Attributes:
        frames: (N, H, W, 3) RGB.
    """

    frames: Frames

    def ycbcr(self) -> NDArray[np.float32]:
        """Return luma and the two colour differences, (N, H, W, 3), as the caller's own.

        They take four times the memory of the frames and are soon computed, so they are not kept.
        """
        return to_ycbcr(self.frames.reshape(-1, 3)).reshape(self.frames.shape)

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """What a squared error costs at each pixel, (N, H, W)."""
        return error_weights(luma(self.frames.reshape(-1, 3)).reshape(self.frames.shape[:3]))
