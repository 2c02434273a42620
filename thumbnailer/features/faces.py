"""Faces in a picture, by MTCNN: three small networks, each stricter than the one before.

Zhang, Zhang, Li, Qiao, "Joint face detection and alignment using multitask cascaded convolutional
networks", IEEE Signal Processing Letters 23 (10), 2016. Weights: package mtcnn 1.0.0 (MIT), 2 MB.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features.face_windows import Boxes, Pixels, apart, cut_out, scaled
from thumbnailer.features.fused_convolution import FusedConvolution

HASHES = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
# As in the paper's published code.
CELL, STRIDE, SHRINKING = 12, 2, 0.709
PROPOSED, REFINED, CERTAIN = 0.5, 0.5, 0.7
SMALLEST_FACE = 20  # pixels
AT_ONCE = 32  # windows: their maps take up to 9 MB


def find_faces(picture: NDArray[np.uint8]) -> Boxes:
    """Return the faces of an (H, W, 3) RGB picture, (N, 5), the most certain first.

    Raises:
        CheckpointMissingError: where the weights are not installed.
        CheckpointMismatchError: where they are not those of the package's version.
    """
    return find_faces_of_all(picture[None])[0]


def find_faces_of_all(pictures: NDArray[np.uint8]) -> list[Boxes]:
    """Return the faces of each of (B, H, W, 3) pictures; otherwise as `find_faces`."""
    propose, refine, confirm = _networks()
    with torch.inference_mode():
        windows = [apart(each) for each in _proposals(pictures, propose)]
        likely = _checked(pictures, windows, refine, side=24, limit=REFINED)
        return _checked(pictures, likely, confirm, side=48, limit=CERTAIN)


def find_eyes(picture: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (2, 2) the eyes that lie left and right in a face's box, x and y in pixels."""
    squares = _squares(box[None])
    with torch.inference_mode():
        [points] = _networks()[2].points_of(cut_out(picture, squares, 48)).double().numpy()
    shares = points.reshape(2, -1)[:, :2].T  # x of five points, then y; the eyes come first
    [square] = squares
    return np.asarray(square[:2] + shares * (square[2:4] - square[:2]))


class _Network(nn.Module):
    """Convolutions, and what they tell of a window: its corners' shifts and a face's certainty.

    The last network tells five points of the face, too, as shares of the window.
    """

    def __init__(self, body: nn.Sequential, shifts: nn.Module, *rest: nn.Module) -> None:
        super().__init__()
        self.body, self.shifts, self.points, self.certainty = body, shifts, rest[0], rest[-1]

    def forward(self, pixels: Pixels) -> tuple[Tensor, Tensor]:
        found = self.body(_maps(pixels))
        return self.shifts(found), self.certainty(found).softmax(dim=1)[:, 1]

    def points_of(self, pixels: Pixels) -> Tensor:
        found: Tensor = self.points(self.body(_maps(pixels)))
        return found


def _maps(pixels: Pixels) -> Tensor:
    """Return (N, C, H, W) maps whose channels lie side by side, of (N, H, W, C)."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


class _Columns(nn.Module):
    """Flatten maps column by column, as the weights' authors do."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps.permute(0, 3, 2, 1).flatten(1)


@cache
def _networks() -> tuple[_Network, _Network, _Network]:
    pools = [nn.MaxPool2d(2, 2, ceil_mode=True)]
    larger = [nn.MaxPool2d(3, 2, ceil_mode=True), nn.MaxPool2d(3, 2)]
    return (
        _network(_weights("pnet"), pools, heads=2),
        _network(_weights("rnet"), larger, heads=2),
        _network(_weights("onet"), [*larger, *pools], heads=3),
    )


def _network(
    weights: list[NDArray[np.float32]], pools: Sequence[nn.Module], heads: int
) -> _Network:
    """Build a network of its weights: layers of three arrays each, then heads of two."""
    layers: list[nn.Module] = []
    body, ends = weights[: len(weights) - 2 * heads], weights[-2 * heads :]
    for number in range(len(body) // 3):
        layers += _layer(*body[3 * number : 3 * number + 3])
        layers += pools[number : number + 1]
    told = (_linear(*ends[at : at + 2]) for at in range(0, 2 * heads, 2))
    return _Network(nn.Sequential(*layers), *told).eval()


def _layer(
    weight: NDArray[np.float32], bias: NDArray[np.float32], slope: NDArray[np.float32]
) -> list[nn.Module]:
    activation = nn.PReLU(slope.size)
    activation.weight.data = torch.from_numpy(slope.ravel())
    before = [_Columns()] if weight.ndim == 2 else []
    return [*before, _linear(weight, bias), activation]


def _linear(weight: NDArray[np.float32], bias: NDArray[np.float32]) -> nn.Module:
    """Return a convolution or a dense layer; the weights have their outputs last."""
    *kernel, inputs, outputs = weight.shape
    layer: nn.Conv2d | nn.Linear = nn.Linear(inputs, outputs)
    if kernel:
        layer = nn.Conv2d(inputs, outputs, (kernel[0], kernel[1]))
    layer.weight.data = torch.from_numpy(np.ascontiguousarray(weight.T))
    if kernel:
        layer.weight.data = layer.weight.data.transpose(2, 3).contiguous()
    assert layer.bias is not None  # noqa: S101  as they are made
    layer.bias.data = torch.from_numpy(bias)
    return FusedConvolution(layer) if isinstance(layer, nn.Conv2d) else layer


def _weights(name: str) -> list[NDArray[np.float32]]:
    package = find_spec("mtcnn")  # to import it would ask for TensorFlow
    if package is None or package.origin is None:
        raise CheckpointMissingError("mtcnn's weights are missing: install mtcnn==1.0.0")
    file = Path(package.origin).parent / "assets" / "weights" / f"{name}.lz4"
    if sha256(file.read_bytes()).hexdigest() != HASHES[name]:  # before anything in it is run
        raise CheckpointMismatchError(f"{file} is not that of mtcnn 1.0.0: install it again")
    return [np.asarray(each, np.float32) for each in joblib.load(file)]


def _proposals(pictures: NDArray[np.uint8], network: _Network) -> list[Boxes]:
    """Return, for each of (B, H, W, 3) pictures, the windows of all sizes that may hold a face."""
    count, height, width, _ = pictures.shape
    whose, boxes = [np.empty(0, np.int64)], [np.empty((0, 5))]
    scale = CELL / SMALLEST_FACE
    while min(height, width) * scale >= CELL:
        size = int(np.ceil(height * scale)), int(np.ceil(width * scale))
        shifts, certainty = network(scaled(pictures, *size))
        which, rows, columns = (found.numpy() for found in torch.where(certainty > PROPOSED))
        corners = np.stack([columns, rows, columns, rows], axis=1) * STRIDE
        windows = (corners + np.asarray([0, 0, CELL, CELL])) / scale
        sure = certainty[which, rows, columns].numpy()[:, None]
        boxes.append(_shifted(np.hstack([windows, sure]), shifts[which, :, rows, columns].numpy()))
        whose.append(which)
        scale *= SHRINKING
    return _by_picture(np.concatenate(boxes), np.concatenate(whose), count)


def _checked(
    pictures: NDArray[np.uint8],
    boxes: Sequence[Boxes],
    network: _Network,
    *,
    side: int,
    limit: float,
) -> list[Boxes]:
    """Return those boxes of each picture that the network takes for faces too, corrected by it."""
    squares = [_squares(each) for each in boxes]
    cut = (cut_out(*each, side) for each in zip(pictures, squares, strict=True))
    shifts, certainty = _told(np.concatenate([*cut]), network)
    whose = np.repeat(np.arange(len(boxes)), [len(each) for each in boxes])
    found = np.hstack([np.concatenate(squares)[:, :4], certainty[:, None]])
    is_face = certainty > limit
    faces = _shifted(found[is_face], shifts[is_face])
    return [apart(each) for each in _by_picture(faces, whose[is_face], len(boxes))]


def _told(windows: Pixels, network: _Network) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the (N, 4) shifts and the (N,) certainties of (N, side, side, 3) windows."""
    told = [network(windows[at : at + AT_ONCE]) for at in range(0, len(windows), AT_ONCE)]
    shifts = [np.empty((0, 4), np.float32), *(each.numpy() for each, _ in told)]
    return np.concatenate(shifts), np.concatenate([shifts[0][:, 0], *(c.numpy() for _, c in told)])


def _by_picture(boxes: Boxes, whose: NDArray[np.int64], count: int) -> list[Boxes]:
    return [boxes[whose == number] for number in range(count)]


def _shifted(boxes: Boxes, shifts: NDArray[np.float32]) -> Boxes:
    """Move each corner by a share of the box's size."""
    sizes = boxes[:, 2:4] - boxes[:, :2]
    return np.hstack([boxes[:, :4] + shifts * np.hstack([sizes, sizes]), boxes[:, 4:]])


def _squares(boxes: Boxes) -> Boxes:
    middle, sizes = (boxes[:, :2] + boxes[:, 2:4]) / 2, boxes[:, 2:4] - boxes[:, :2]
    half = sizes.max(axis=1, keepdims=True) / 2
    return np.hstack([middle - half, middle + half, boxes[:, 4:]])
