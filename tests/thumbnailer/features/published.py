"""A 3D-ResNet-50 written a second time, as functions over the published names of its weights."""

import json
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  torch's own convention
from torch import Tensor

State = OrderedDict[str, Tensor]
STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))


def seeded_state(seed: int = 0, classes: int = 5) -> State:
    """Weights as large as trained ones, named and shaped as in the published files."""
    draw = torch.Generator().manual_seed(seed)
    state: State = OrderedDict()
    _convolution(state, draw, "conv1", "bn1", (64, 3, 7, 7, 7))
    channels = 64
    for stage, (width, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            _convolution(state, draw, f"{name}.conv1", f"{name}.bn1", (width, channels, 1, 1, 1))
            _convolution(state, draw, f"{name}.conv2", f"{name}.bn2", (width, width, 3, 3, 3))
            outputs = 4 * width
            _convolution(state, draw, f"{name}.conv3", f"{name}.bn3", (outputs, width, 1, 1, 1))
            if block == 0:
                shortcut = f"{name}.downsample"
                shape = (outputs, channels, 1, 1, 1)
                _convolution(state, draw, f"{shortcut}.0", f"{shortcut}.1", shape)
            channels = outputs
    state["fc.weight"] = torch.randn(classes, 2048, generator=draw)
    state["fc.bias"] = torch.zeros(classes)
    return state


def _convolution(
    state: State, draw: torch.Generator, conv: str, norm: str, shape: tuple[int, ...]
) -> None:
    fan_in = shape[1] * shape[2] * shape[3] * shape[4]
    state[f"{conv}.weight"] = torch.randn(shape, generator=draw) * (2 / fan_in) ** 0.5
    state[f"{norm}.weight"] = 0.5 + torch.rand(shape[0], generator=draw)
    state[f"{norm}.bias"] = torch.randn(shape[0], generator=draw) / 10
    state[f"{norm}.running_mean"] = torch.randn(shape[0], generator=draw) / 10
    state[f"{norm}.running_var"] = 0.5 + torch.rand(shape[0], generator=draw)
    state[f"{norm}.num_batches_tracked"] = torch.tensor(1)


def features_of(state: State, clips: Tensor) -> Tensor:
    """Turn normalised (B, 3, T, H, W) into (B, 2048), by the description in the paper."""
    maps = _step(state, "conv1", "bn1", clips, stride=(1, 2, 2), padding=3).relu()
    maps = F.max_pool3d(maps, 3, stride=2, padding=1)
    for stage, (_, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 1 else 1
            maps = _block(state, f"layer{stage}.{block}", maps, stride)
    return F.adaptive_avg_pool3d(maps, 1).flatten(1)


def _block(state: State, name: str, maps: Tensor, stride: int) -> Tensor:
    inner = _step(state, f"{name}.conv1", f"{name}.bn1", maps).relu()
    inner = _step(state, f"{name}.conv2", f"{name}.bn2", inner, stride=stride, padding=1).relu()
    inner = _step(state, f"{name}.conv3", f"{name}.bn3", inner)
    if f"{name}.downsample.0.weight" in state:
        shortcut = f"{name}.downsample"
        maps = _step(state, f"{shortcut}.0", f"{shortcut}.1", maps, stride=stride)
    return (inner + maps).relu()


def _step(
    state: State,
    conv: str,
    norm: str,
    maps: Tensor,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int = 0,
) -> Tensor:
    maps = F.conv3d(maps, state[f"{conv}.weight"], stride=stride, padding=padding)
    mean, variance = state[f"{norm}.running_mean"], state[f"{norm}.running_var"]
    weight, bias = state[f"{norm}.weight"], state[f"{norm}.bias"]
    return F.batch_norm(maps, mean, variance, weight, bias, eps=1e-5)


def hollow(state: State) -> State:
    """Zeros of the same names and shapes, which take no room in a file."""
    return OrderedDict(
        (name, torch.zeros((), dtype=part.dtype).expand(part.shape)) for name, part in state.items()
    )


def publish(state: State, path: Path) -> Path:
    """Write the file as the authors do: from several GPUs, with what a trainer keeps."""
    named = OrderedDict((f"module.{name}", part) for name, part in state.items())
    torch.save({"epoch": 200, "arch": "resnet-50", "state_dict": named, "optimizer": {}}, path)
    return path


def described(weights: Path, **changes: str) -> Path:
    """Write beside the weights what an operator says of them, and return their path."""
    digest = sha256(weights.read_bytes()).hexdigest()
    entries = {"normalisation": "kinetics-2020", "sha256": digest} | changes
    weights.with_suffix(".json").write_text(json.dumps(entries))
    return weights
