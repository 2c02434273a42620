"""What every feature extractor offers, and the manifest that says what its numbers are."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadFeaturesError


@dataclass(frozen=True, slots=True)
class FeatureManifest:
    """Everything that two sets of features must share to be comparable.

    Attributes:
        name: the network.
        dimension: length D of one feature vector.
        input_size: side in pixels of the square that a frame is squashed to.
        frames_per_s: frames averaged for one second.
        normalisation: the formula from RGB 0-255 to the network's input, in words.
        weights_sha256: of the weights file.
    """

    name: str
    dimension: int
    input_size: int
    frames_per_s: int
    normalisation: str
    weights_sha256: str

    @property
    def digest(self) -> str:
        """SHA-256 of all the above, in hexadecimal: the same where features are comparable."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


class FeatureExtractor(Protocol):
    """A network that turns frames into vectors."""

    @property
    def manifest(self) -> FeatureManifest:
        """What its numbers are."""
        ...

    def extract(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn (B, size, size, 3) RGB frames into (B, D) features."""
        ...


def shot_means(frame_features: NDArray[np.floating], frames_per_s: int) -> NDArray[np.float32]:
    """Average the frames of each whole second: (N, D) -> (N // frames_per_s, D).

    Raises:
        BadFeaturesError: where a value is nan or infinite.
    """
    frame_features = np.asarray(frame_features, dtype=np.float32)
    check_finite(frame_features)
    count, dimension = len(frame_features) // frames_per_s, frame_features.shape[1]
    whole = frame_features[: count * frames_per_s]
    return np.asarray(whole.reshape(count, frames_per_s, dimension).mean(axis=1))


def check_finite(features: NDArray[np.floating]) -> None:
    """Refuse features with a hole in them.

    Raises:
        BadFeaturesError: naming the first row with a value that is nan or infinite.
    """
    bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if bad.size:
        raise BadFeaturesError(
            f"features[{bad[0]}] holds nan or infinity ({bad.size} of {len(features)} rows do), "
            "must be finite: extract them again"
        )
