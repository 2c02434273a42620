"""The interface of feature extractors, and the manifest that says what their numbers are."""

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
        frames_per_s: frames looked at in one second; a multiple of ``clip_frames``.
        clip_frames: length T of the run of frames that makes one vector; 1 where the network
            sees single pictures. A second's vector is the mean over its clips.
        normalisation: the formula from RGB 0-255 to the network's input, in words.
        weights_sha256: of the weights file.
    """

    name: str
    dimension: int
    input_size: int
    frames_per_s: int
    clip_frames: int
    normalisation: str
    weights_sha256: str

    @property
    def clips_per_s(self) -> int:
        """How many vectors are averaged for one second."""
        return self.frames_per_s // self.clip_frames

    @property
    def digest(self) -> str:
        """SHA-256 of all the above, in hexadecimal: the same where features are comparable."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


class FeatureExtractor(Protocol):
    """A network that turns clips, runs of frames, into vectors."""

    @property
    def manifest(self) -> FeatureManifest:
        """What its numbers are."""
        ...

    def extract(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn (B, T, size, size, 3) RGB clips into (B, D) features."""
        ...


def shot_means(clip_features: NDArray[np.floating], clips_per_s: int) -> NDArray[np.float32]:
    """Average the clips of each whole second: (N, D) -> (N // clips_per_s, D).

    Raises:
        BadFeaturesError: where a value is nan or infinite.
    """
    clip_features = np.asarray(clip_features, dtype=np.float32)
    check_finite(clip_features)
    count, dimension = len(clip_features) // clips_per_s, clip_features.shape[1]
    whole = clip_features[: count * clips_per_s]
    return np.asarray(whole.reshape(count, clips_per_s, dimension).mean(axis=1))


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
