"""The paper's features: a 3D-ResNet-50 trained on Kinetics, one vector a clip of 16 frames.

Hara, Kataoka and Satoh, "Can Spatiotemporal 3D CNNs Retrace the History of 2D CNNs and ImageNet?",
CVPR 2018: Figure 3 and Table 2, bottleneck blocks 3-4-6-3 with shortcuts of type B. Parts are named
as in the authors' published weights.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

WIDTHS, BLOCKS = (64, 128, 256, 512), (3, 4, 6, 3)
EXPANSION = 4
FEATURE_DIM = WIDTHS[-1] * EXPANSION  # 2048


class Bottleneck(nn.Module):
    """1x1x1, 3x3x3 and 1x1x1 convolutions beside a shortcut."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * EXPANSION
        self.conv1 = nn.Conv3d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm3d(width)
        self.conv2 = nn.Conv3d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm3d(width)
        self.conv3 = nn.Conv3d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm3d(outputs)
        self.downsample = None
        if stride != 1 or channels != outputs:
            shortcut = nn.Conv3d(channels, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm3d(outputs))

    def forward(self, maps: Tensor) -> Tensor:
        """Turn (B, channels, T, H, W) into (B, 4 width, T', H', W')."""
        shortcut = maps if self.downsample is None else self.downsample(maps)
        maps = self.bn1(self.conv1(maps)).relu_()
        maps = self.bn2(self.conv2(maps)).relu_()
        summed: Tensor = self.bn3(self.conv3(maps)) + shortcut
        return summed.relu_()

    def fold(self) -> None:
        """Multiply each batch normalisation into the convolution before it; for inference only."""
        for number in (1, 2, 3):
            _fold(self, number)
        if self.downsample is not None:
            self.downsample = nn.Sequential(fuse_conv_bn_eval(*self.downsample))


class ResNet3d(nn.Module):
    """The network up to its pooled features; ``fc`` is there for the published files' sake."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(3, WIDTHS[0], 7, (1, 2, 2), padding=3, bias=False)
        self.bn1 = nn.BatchNorm3d(WIDTHS[0])
        self.maxpool = nn.MaxPool3d(3, stride=2, padding=1)
        inputs = (WIDTHS[0], *(width * EXPANSION for width in WIDTHS))
        for number, (width, blocks) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
            stride = 1 if number == 0 else 2
            first = Bottleneck(inputs[number], width, stride)
            others = [Bottleneck(width * EXPANSION, width, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{number + 1}", nn.Sequential(first, *others))
        self.fc = nn.Linear(FEATURE_DIM, classes)

    def forward(self, clips: Tensor) -> Tensor:
        """Turn normalised (B, 3, T, H, W) clips into (B, 2048) features."""
        maps = self.maxpool(self.bn1(self.conv1(clips)).relu_())
        for number in range(len(BLOCKS)):
            maps = self.get_submodule(f"layer{number + 1}")(maps)
        return torch.mean(maps, dim=(2, 3, 4))

    def fold(self) -> None:
        """Make inference cheaper: no batch normalisation of its own is left."""
        _fold(self, 1)
        for block in self.modules():
            if isinstance(block, Bottleneck):
                block.fold()


def _fold(part: nn.Module, number: int) -> None:
    conv, norm = f"conv{number}", f"bn{number}"
    setattr(part, conv, fuse_conv_bn_eval(getattr(part, conv), getattr(part, norm)))
    setattr(part, norm, nn.Identity())
