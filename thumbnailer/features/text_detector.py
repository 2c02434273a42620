"""Text in a picture, by the detector of PP-OCRv4: how likely each fourth pixel is to lie in a line.

Differentiable binarization: Liao, Wan, Yao, Chen, Bai, "Real-time scene text detection with
differentiable binarization", AAAI 2020; its backbone is PP-LCNet (Cui et al., 2021), its neck a
feature pyramid. The weights are those of ch_PP-OCRv4_det in the package rapidocr-onnxruntime 1.4.4
(Apache-2.0); thumbnailer/weights/text_detector.md says what was changed.
"""

from functools import cache
from math import log

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from thumbnailer.features.fused_convolution import FusedConvolution
from thumbnailer.features.published_weights import load_published

SHA256 = "56e3e122954da5d707800403f6ba7b7ac585d19a841c2f7bc4112a7dd7ff276f"
STEP = 32  # pixels: a picture's sides are multiples
LIKELY = 0.3  # as in the published code

# Of each block channels in and out, kernel, stride, and by how many numbers channels are weighed.
BLOCKS = (
    (16, 32, 3, 1, 0),
    (32, 48, 3, 2, 0),
    (48, 48, 3, 1, 0),
    (48, 96, 3, 2, 0),
    (96, 96, 3, 1, 0),
    (96, 192, 3, 2, 0),
    *((192, 192, 5, 1, 0),) * 4,
    (192, 384, 5, 2, 48),
    (384, 384, 5, 1, 96),
    *((384, 384, 5, 1, 0),) * 2,
)
LEVELS = {2: 48, 4: 96, 9: 192, 13: 384}  # blocks after which the pyramid looks: channels
WIDTH, REDUCED = 96, 24


def text_shares(pictures: NDArray[np.uint8]) -> list[float]:
    """Return the share of each of (B, H, W, 3) RGB pictures that is taken for text.

    Letters count, and the room between the lines next to none. H and W are multiples of STEP.

    Raises:
        CheckpointMissingError: where the weights are missing.
        CheckpointMismatchError: where they are others.
    """
    pixels = torch.from_numpy(pictures[..., ::-1].copy()).permute(0, 3, 1, 2).float()
    with torch.inference_mode():
        likely = _detector()(pixels.div_(127.5).sub_(1)) > log(LIKELY / (1 - LIKELY))
    shares: list[float] = likely.float().mean(dim=(1, 2, 3)).tolist()
    return shares


@cache
def _detector() -> "TextDetector":
    network = load_published(TextDetector(), "text_detector", SHA256)
    for block in network.modules():
        if isinstance(block, _Block):
            block.fold()
    network.head.fold()
    return network


class TextDetector(nn.Module):
    """The network, with its normalisations folded into the convolutions before them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = FusedConvolution(nn.Conv2d(3, 16, 3, 2, 1))
        self.blocks = nn.ModuleList(_Block(*block) for block in BLOCKS)
        self.inward = nn.ModuleList(_Weighed(width, WIDTH, 1) for width in LEVELS.values())
        self.outward = nn.ModuleList(_Weighed(WIDTH, REDUCED, 3) for _ in LEVELS)
        self.head = _Head(
            FusedConvolution(nn.Conv2d(WIDTH, REDUCED, 3, padding=1), "relu"),
            nn.Identity(),
            nn.ConvTranspose2d(REDUCED, REDUCED, 2, 2),
            nn.ReLU(),
            nn.ConvTranspose2d(REDUCED, 1, 2, 2),
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the logarithms of the odds of (B, 3, H, W) BGR pixels from -1 to 1.

        Returns:
            (B, 16, H / 4, W / 4), the pixels of each four by four in the order of the head's steps.
        """
        levels: list[Tensor] = []
        maps = self.stem(pixels)
        for number, block in enumerate(self.blocks):
            maps = block(maps)
            if number in LEVELS:
                levels.append(self.inward[len(levels)](maps))
        for finer in reversed(range(len(levels) - 1)):
            _add_enlarged(levels[finer], levels[finer + 1])
        told = [
            functional.interpolate(out(level), size=levels[0].shape[2:])
            for out, level in zip(self.outward, levels, strict=True)
        ]
        odds: Tensor = self.head(torch.cat(told[::-1], dim=1))
        return odds


def _add_enlarged(maps: Tensor, coarser: Tensor) -> None:
    """Add each pixel of maps of half the size to two by two pixels."""
    pairs = torch.unflatten(maps, 3, (-1, 2))
    fours = torch.unflatten(pairs, 2, (-1, 2))  # (B, C, H / 2, 2, W / 2, 2)
    fours.add_(coarser[:, :, :, None, :, None])


class _Head(nn.Sequential):
    """Steps from the pyramid to the pixels; the last two each make two by two pixels of one."""

    def fold(self) -> None:
        """Let those two make channels in the place of pixels, in a third of the time."""
        twice, again = self[2], self[4]
        assert isinstance(twice, nn.ConvTranspose2d)  # noqa: S101  as they are made
        assert isinstance(again, nn.ConvTranspose2d)  # noqa: S101
        self[2], self[3] = FusedConvolution(_as_channels(twice), "relu"), nn.Identity()
        self[4] = FusedConvolution(_for_each(_as_channels(again), times=4))


def _as_channels(enlarging: nn.ConvTranspose2d) -> nn.Conv2d:
    """Return the convolution whose channels are pixels, those of one pixel side by side."""
    inputs, outputs, *_ = enlarging.weight.shape
    made = nn.Conv2d(inputs, 4 * outputs, 1)
    made.weight.data = enlarging.weight.data.permute(2, 3, 1, 0).reshape(-1, inputs, 1, 1)
    assert enlarging.bias is not None  # noqa: S101  as they are made
    assert made.bias is not None  # noqa: S101
    made.bias.data = enlarging.bias.data.repeat(4)
    return made


def _for_each(convolution: nn.Conv2d, times: int) -> nn.Conv2d:
    """Return one that does the same to each of so many runs of channels."""
    outputs, inputs, *_ = convolution.weight.shape
    made = nn.Conv2d(times * inputs, times * outputs, 1)
    alone = torch.eye(times)[:, None, :, None]
    every = alone * convolution.weight.data[None, :, None, :, 0, 0]
    made.weight.data = every.reshape(made.weight.shape)
    assert convolution.bias is not None  # noqa: S101  as they are made
    assert made.bias is not None  # noqa: S101
    made.bias.data = convolution.bias.data.repeat(times)
    return made


class _Block(nn.Module):
    """A convolution of each channel by itself, then one across channels.

    Both end in the hard swish, with a learned scale and shift, but for the first of a larger step.
    """

    def __init__(self, width: int, out: int, kernel: int, stride: int, narrow: int) -> None:
        super().__init__()
        depthwise = nn.Conv2d(width, width, kernel, stride, kernel // 2, groups=width)
        self.depthwise = FusedConvolution(depthwise, "hardswish" if stride == 1 else "")
        self.between = _Scaled() if stride == 1 else nn.Identity()
        self.weights = _Weights(width, narrow, slope=1 / 6) if narrow else None
        self.pointwise = FusedConvolution(nn.Conv2d(width, out, 1), "hardswish")
        self.after = _Scaled()

    def forward(self, maps: Tensor) -> Tensor:
        maps = self.between(self.depthwise(maps))
        if self.weights is not None:
            maps = maps * self.weights(maps)
        found: Tensor = self.after(self.pointwise(maps))
        return found

    def fold(self) -> None:
        """Let the second convolution scale and shift by itself, where nothing else is between."""
        if self.weights is None and isinstance(self.between, _Scaled):
            weight, bias = self.pointwise.weight.data, self.pointwise.bias.data
            bias += self.between.shift.data * weight.sum(dim=(1, 2, 3))
            weight *= self.between.scale.data
            self.between = nn.Identity()


class _Scaled(nn.Module):
    """Maps by a learned scale and shift."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))

    def forward(self, maps: Tensor) -> Tensor:
        return maps.mul_(self.scale).add_(self.shift)


class _Weights(nn.Module):
    """Weights of channels by their means (squeeze and excitation)."""

    def __init__(self, width: int, narrow: int, slope: float) -> None:
        super().__init__()
        self.down, self.up = nn.Conv2d(width, narrow, 1), nn.Conv2d(narrow, width, 1)
        self._slope, self._half = slope, torch.full((1,), 0.5)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (B, C, 1, 1) of (B, C, H, W) maps."""
        told = _of_means(self.up, _of_means(self.down, maps.mean(dim=(2, 3))).relu_())
        return torch.add(self._half, told, alpha=self._slope).clamp_(0, 1)[:, :, None, None]


def _of_means(convolution: nn.Conv2d, means: Tensor) -> Tensor:
    """Convolve (B, C) maps of one pixel, as a matrix does in half the time."""
    return functional.linear(means, convolution.weight[:, :, 0, 0], convolution.bias)


class _Weighed(nn.Module):
    """A convolution whose channels are added to themselves by their weights."""

    def __init__(self, width: int, out: int, kernel: int) -> None:
        super().__init__()
        self.convolution = FusedConvolution(nn.Conv2d(width, out, kernel, padding=kernel // 2))
        self.weights = _Weights(out, out // 4, slope=0.2)

    def forward(self, maps: Tensor) -> Tensor:
        found: Tensor = self.convolution(maps)
        return torch.addcmul(found, found, self.weights(found))
