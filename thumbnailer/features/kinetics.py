"""The extractor over a 3D-ResNet-50 whose published weights an operator points to.

Beside ``weights.pth`` lies ``weights.json`` with two entries: ``normalisation``, one of the names
below, and ``sha256``, the hash of the weights. The normalisation is not in the published files, and
the wrong one gives features that look sound and are not.
"""

import json
import pickle
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.resnet3d import FEATURE_DIM, ResNet3d

NAME = "3d-resnet-50"
CLIP_FRAMES = 16
INPUT_SIZE = 112


@dataclass(frozen=True, slots=True)
class Normalisation:
    """From RGB 0-255 to the network's input: (rgb / divisor - mean) / deviation."""

    divisor: float
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


# By the authors' options for the files of 2018 (Kinetics-400) and of 2020 (Kinetics-700 and mixes).
NORMALISATIONS = {
    "kinetics-2018": Normalisation(1, (114.7748, 107.7354, 99.4750), (1, 1, 1)),
    "kinetics-2020": Normalisation(255, (0.4345, 0.4051, 0.3775), (0.2768, 0.2713, 0.2737)),
}


class KineticsResNet3d:
    """16 frames of one second, each squashed to 112 x 112, to 2048 numbers.

    On CUDA it runs under autocast to bfloat16; on a processor with AVX512-BF16 in bfloat16 as well,
    where it is 4.5 times as fast and its features point the same way (cosine above 0.9999); else in
    float32.
    """

    def __init__(self, weights: str | Path, *, device: str = "cpu") -> None:
        """Load published weights.

        Raises:
            CheckpointMissingError: where the weights or the file beside them are not there.
            CheckpointMismatchError: where they are not this network's, or not those described.
        """
        weights = Path(weights)
        description = _describe(weights)
        self._scale = NORMALISATIONS[description["normalisation"]]
        self._device = torch.device(device)
        self._manifest = FeatureManifest(
            name=NAME,
            dimension=FEATURE_DIM,
            input_size=INPUT_SIZE,
            frames_per_s=CLIP_FRAMES,
            clip_frames=CLIP_FRAMES,
            normalisation=str(self._scale),
            weights_sha256=description["sha256"],
        )
        network = _restore(weights).eval()
        network.fold()
        self._dtype = _arithmetic(self._device)
        stored = torch.float32 if self._device.type == "cuda" else self._dtype
        network.to(self._device, stored)
        # PyTorch documents memory_format, its types leave it out.
        self._network = network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]

    @property
    def manifest(self) -> FeatureManifest:
        """What its numbers are."""
        return self._manifest

    def extract(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn (B, 16, 112, 112, 3) RGB clips into (B, 2048) features."""
        pixels = torch.from_numpy(clips).to(self._device).permute(0, 4, 1, 2, 3)  # (B, 3, T, H, W)
        with torch.inference_mode(), self._autocast():
            features: Tensor = self._network(self._normalised(pixels))
        return np.asarray(features.float().cpu().numpy(), dtype=np.float32)

    def _normalised(self, pixels: Tensor) -> Tensor:
        mean, deviation = (
            torch.tensor(values, device=self._device).view(3, 1, 1, 1)
            for values in (self._scale.mean, self._scale.deviation)
        )
        normalised = (pixels.float() / self._scale.divisor - mean) / deviation
        return normalised if self._device.type == "cuda" else normalised.to(self._dtype)

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cuda", torch.bfloat16, enabled=self._device.type == "cuda")


def _arithmetic(device: torch.device) -> torch.dtype:
    fast = device.type == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if fast else torch.float32


def _describe(weights: Path) -> dict[str, str]:
    """Read and check the file beside the weights, and their hash."""
    beside = weights.with_suffix(".json")
    for file in (weights, beside):
        if not file.is_file():
            raise CheckpointMissingError(
                f"{file} is missing: put the published weights there, and beside them "
                f"{beside.name} with their normalisation ({', '.join(NORMALISATIONS)}) and sha256"
            )
    try:
        description: dict[str, str] = json.loads(beside.read_text())
    except ValueError as error:
        raise CheckpointMismatchError(f"{beside} is no JSON ({error}): write it again") from error
    if description.get("normalisation") not in NORMALISATIONS:
        raise CheckpointMismatchError(
            f"{beside}: normalisation == {description.get('normalisation')!r}, must be one of "
            f"{', '.join(NORMALISATIONS)}"
        )
    found = sha256(weights.read_bytes()).hexdigest()
    if description.get("sha256") != found:
        raise CheckpointMismatchError(
            f"{weights} has sha256 {found}, must be {description.get('sha256')} as {beside.name} "
            "says: fetch it again, or describe the file that you mean"
        )
    return description


def _restore(weights: Path) -> ResNet3d:
    """Return the network with these weights, every tensor in its place and none left over."""
    try:
        stored: dict[str, Any] = torch.load(weights, map_location="cpu", weights_only=True)
        state = {
            name.removeprefix("module."): tensor for name, tensor in stored["state_dict"].items()
        }
        network = ResNet3d(classes=len(state["fc.bias"]))
        network.load_state_dict(state, strict=True)
    except (RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise CheckpointMismatchError(
            f"{weights} is no published 3D-ResNet-50 ({error}): take the file of depth 50 and "
            "shortcut B"
        ) from error
    return network
