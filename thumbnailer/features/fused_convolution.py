"""Convolutions joined with the steps that follow them: half the time of PyTorch's own on a CPU.

PyTorch runs a convolution, its batch normalisation and ReLU6 one after the other, and a small
convolution of one picture without oneDNN. Here the normalisation is folded into the weights, and
where oneDNN is, it does the rest in one go, as in models that PyTorch compiles.
"""

from collections.abc import Callable

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

HAS_ONEDNN = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
# What may follow a convolution: PyTorch's function, and oneDNN's name and numbers of it.
ENDINGS: dict[str, tuple[Callable[[Tensor], Tensor], str, list[float]]] = {
    "": (nn.Identity(), "none", []),
    "relu": (functional.relu, "relu", []),
    "relu6": (functional.relu6, "hardtanh", [0.0, 6.0]),
    "hardswish": (functional.hardswish, "hardswish", []),
}


class FusedConvolution(nn.Module):
    """A convolution and what follows it, one of ENDINGS; its weights are no longer trained."""

    def __init__(self, convolution: nn.Conv2d, ending: str = "") -> None:
        super().__init__()
        assert convolution.bias is not None  # noqa: S101  # as all that are fused have one
        weight, self._padding = _evenly_padded(convolution.weight.detach(), _edges(convolution))
        self._stride, self._groups = list(convolution.stride), convolution.groups
        self._ending, self._is_packed = ending, False
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last))
        self.bias = nn.Parameter(convolution.bias.detach())

    def forward(self, maps: Tensor) -> Tensor:
        """Turn (B, C, H, W) maps into those of the next step."""
        function, name, numbers = ENDINGS[self._ending]
        if HAS_ONEDNN and maps.device.type == "cpu":
            return self._by_onednn(maps, name, numbers)
        made = functional.conv2d(
            maps, self.weight, self.bias, self._stride, self._padding, groups=self._groups
        )
        return function(made)

    def _by_onednn(self, maps: Tensor, name: str, numbers: list[float]) -> Tensor:
        place = (self._padding, self._stride, [1, 1], self._groups)
        if not self._is_packed:
            packed = torch.ops.mkldnn._reorder_convolution_weight(  # noqa: SLF001
                self.weight.detach(), *place, list(maps.shape)
            )
            self.weight, self._is_packed = nn.Parameter(packed, requires_grad=False), True
        made: Tensor = torch.ops.mkldnn._convolution_pointwise(  # noqa: SLF001
            maps, self.weight, self.bias, *place, name, numbers, ""
        )
        return made


def fuse(network: EfficientNet) -> None:
    """Replace the convolutions of a trained EfficientNet-Lite by joined ones, in place."""
    _fuse(network, "_conv_stem", "_bn0", "relu6")
    _fuse(network, "_conv_head", "_bn1", "relu6")
    network._swish = nn.Identity()  # noqa: SLF001
    for block in network._blocks:  # noqa: SLF001
        if hasattr(block, "_expand_conv"):
            _fuse(block, "_expand_conv", "_bn0", "relu6")
        _fuse(block, "_depthwise_conv", "_bn1", "relu6")
        _fuse(block, "_project_conv", "_bn2")
        block._swish = nn.Identity()  # noqa: SLF001


def _fuse(owner: nn.Module, convolution: str, norm: str, ending: str = "") -> None:
    whole = fuse_conv_bn_eval(getattr(owner, convolution), getattr(owner, norm))
    setattr(owner, convolution, FusedConvolution(whole, ending))
    setattr(owner, norm, nn.Identity())


def _evenly_padded(weight: Tensor, edges: tuple[int, ...]) -> tuple[Tensor, list[int]]:
    """Return a kernel that sees the same where all sides are padded alike, and that padding.

    Zeros before its first row and column take the place of those that the picture lacks there:
    to copy large maps into padded ones costs more than a kernel larger by one.
    """
    left, right, top, bottom = edges
    return functional.pad(weight, (right - left, 0, bottom - top, 0)), [bottom, right]


def _edges(convolution: nn.Conv2d) -> tuple[int, ...]:
    """Return the zeros at the left, right, top and bottom; TensorFlow's are not always even."""
    padding = getattr(convolution, "static_padding", None)
    if isinstance(padding, nn.ZeroPad2d):
        return padding.padding
    rows, columns = (int(each) for each in convolution.padding)
    return columns, columns, rows, rows
