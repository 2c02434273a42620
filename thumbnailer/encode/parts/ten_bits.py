"""Pictures in ten bits a channel, in the range of television, colours at half the size.

FFmpeg's own conversion rounds both colours down, which tints black.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.encode.parts.colour import to_ycbcr

# The range of television (ITU-R BT.601): browsers take the full range for it.
BLACK, MIDDLE = np.float32(64), np.float32(512)
LUMA_STEP, COLOUR_STEP = np.float32(876 / 255), np.float32(896 / 255)
# Chromium and Pillow drop the last two bits, which takes 1.5 on average and tints colours green;
# decoders that round are off by a third of a level for this.
DROPPED = np.float32(1)


@compiled
def to_ten_bits(rgb: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return the planes Y, Cb and Cr of an (H, W, 3) picture of even sides, one after the other.

    Returns:
        (H + H / 2, W), as of the format yuv420p10.
    """
    height, width, _ = rgb.shape
    ycbcr = to_ycbcr(rgb.reshape(-1, 3)).reshape(height, width, 3)
    planes = np.empty(height * width * 3 // 2, np.uint16)
    for row in range(height):
        for column in range(width):
            y = BLACK + LUMA_STEP * ycbcr[row, column, 0]
            planes[row * width + column] = np.rint(y + DROPPED)
    place = height * width
    for channel in range(1, 3):
        for row in range(0, height, 2):
            for column in range(0, width, 2):
                upper = ycbcr[row, column, channel] + ycbcr[row, column + 1, channel]
                lower = ycbcr[row + 1, column, channel] + ycbcr[row + 1, column + 1, channel]
                mean = np.float32(0.25) * (upper + lower)
                planes[place] = np.rint(MIDDLE + COLOUR_STEP * mean + DROPPED)
                place += 1
    return planes.reshape(height * 3 // 2, width)
