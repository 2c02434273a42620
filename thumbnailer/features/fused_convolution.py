"""Convolutions joined with the steps that follow them: half the time of PyTorch's own on a CPU.

PyTorch runs a convolution, its batch normalisation and ReLU6 one after the other, and a small
convolution of one picture without oneDNN. Here the normalisation is folded into the weights, and
where oneDNN is, it does the rest in one go, as in models that PyTorch compiles.
"""

from collections.abc import Callable

import torch
from efficientnet_lite_pytorch import EfficientNet
from efficientnet_lite_pytorch.model import MBConvBlock
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

# A picture's maps are larger than its weights in the first blocks, and smaller in the others. So a
# processor, whose nearest caches hold the lesser of both, takes pictures alone at first.
LARGE_BLOCKS = 4
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
        weight, padding = _evenly_padded(convolution.weight.detach(), _edges(convolution))
        self._place = (padding, list(convolution.stride), [1, 1], convolution.groups)
        self._ending = ending
        self._by_size: dict[torch.Size, Tensor] = {}
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last))
        self.bias = nn.Parameter(convolution.bias.detach())

    def forward(self, maps: Tensor) -> Tensor:
        """Turn (B, C, H, W) maps into those of the next step."""
        function, *ending = ENDINGS[self._ending]
        if HAS_ONEDNN and maps.device.type == "cpu":
            made: Tensor = torch.ops.mkldnn._convolution_pointwise(  # noqa: SLF001
                maps, self._laid_out(maps), self.bias, *self._place, *ending, ""
            )
            return made
        return function(self._by_pytorch(maps))

    def added_to(self, sums: Tensor, maps: Tensor) -> Tensor:
        """Return the sums, to which the maps' next step is added in place; it has no ending."""
        if HAS_ONEDNN and sums.device.type == "cpu":
            made: Tensor = torch.ops.mkldnn._convolution_pointwise_.binary(
                sums, maps, self._laid_out(maps), self.bias, *self._place, "add", 1, None, [], None
            )
            return made
        return sums.add_(self._by_pytorch(maps))

    def _by_pytorch(self, maps: Tensor) -> Tensor:
        padding, stride, dilation, groups = self._place
        return functional.conv2d(maps, self.weight, self.bias, stride, padding, dilation, groups)

    def _laid_out(self, maps: Tensor) -> Tensor:
        """Return the weights as oneDNN wants them for maps of this size.

        Laid out for another size they are brought into order at every call, which can take longer
        than the convolution.
        """
        size = maps.shape[2:]
        if size not in self._by_size:
            plain = self.weight.to_dense() if self.weight.is_mkldnn else self.weight.detach()
            self._by_size[size] = torch.ops.mkldnn._reorder_convolution_weight(  # noqa: SLF001
                plain, *self._place, list(maps.shape)
            )
            self.weight = nn.Parameter(self._by_size[size], requires_grad=False)
        return self._by_size[size]


class FusedBlock(nn.Module):
    """A block of an EfficientNet-Lite: to many channels, each by itself, and back to few."""

    def __init__(self, block: MBConvBlock) -> None:
        super().__init__()
        has_more = hasattr(block, "_expand_conv")
        self.expand = _joined(block, "_expand_conv", "_bn0", "relu6") if has_more else nn.Identity()
        self.depthwise = _joined(block, "_depthwise_conv", "_bn1", "relu6")
        self.project = _joined(block, "_project_conv", "_bn2")
        numbers = block._block_args  # noqa: SLF001
        is_alike = numbers.stride == 1 and numbers.input_filters == numbers.output_filters
        self._adds = bool(block.id_skip and is_alike)

    def forward(self, maps: Tensor) -> Tensor:
        """Turn (B, C, H, W) maps, which may be overwritten, into those of the next block."""
        made = self.depthwise(self.expand(maps))
        found: Tensor = self.project.added_to(maps, made) if self._adds else self.project(made)
        return found


class FusedNetwork(nn.Module):
    """A trained EfficientNet-Lite of joined convolutions, without its classifier."""

    def __init__(self, network: EfficientNet) -> None:
        super().__init__()
        stem = fuse_conv_bn_eval(network._conv_stem, network._bn0)  # noqa: SLF001
        # pixels have few channels: to pad them costs less than a kernel larger by one
        self._edges = _edges(stem)
        stem.static_padding = nn.Identity()
        self.stem = FusedConvolution(stem, "relu6")
        self.blocks = nn.Sequential(*map(FusedBlock, network._blocks))  # noqa: SLF001
        self.head = _joined(network, "_conv_head", "_bn1", "relu6")

    def forward(self, pixels: Tensor) -> Tensor:
        """Turn (B, 3, H, W) pixels into (B, 1280, H / 32, W / 32) maps."""
        return self.last_maps(self.first_maps(pixels))

    def first_maps(self, pixels: Tensor) -> Tensor:
        """Go through the steps whose maps are large."""
        seen = self.stem(functional.pad(pixels, self._edges))
        maps: Tensor = self.blocks[:LARGE_BLOCKS](seen)
        return maps

    def last_maps(self, maps: Tensor) -> Tensor:
        """Go through the steps whose maps are small, and whose weights are many."""
        last: Tensor = self.head(self.blocks[LARGE_BLOCKS:](maps))
        return last


def _joined(owner: nn.Module, convolution: str, norm: str, ending: str = "") -> FusedConvolution:
    whole = fuse_conv_bn_eval(getattr(owner, convolution), getattr(owner, norm))
    return FusedConvolution(whole, ending)


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
