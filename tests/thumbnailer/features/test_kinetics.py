from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.thumbnailer.clips import scene, scenes, write_clip
from tests.thumbnailer.features.published import (
    State,
    described,
    features_of,
    hollow,
    publish,
    seeded_state,
)
from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features.analysis import analyse
from thumbnailer.features.kinetics import KineticsResNet3d, _restore

NEWER = "kinetics-2020"


@pytest.fixture(scope="module")
def state() -> State:
    return seeded_state()


@pytest.fixture(scope="module")
def weights(state: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = publish(state, tmp_path_factory.mktemp("weights") / "r3d50.pth")
    described(path)
    return path


@pytest.fixture
def any_weights(state: State, tmp_path: Path) -> Path:
    """A file of the right form, for what the numbers in it do not matter to."""
    return described(publish(hollow(state), tmp_path / "any.pth"))


@pytest.fixture(scope="module")
def golden() -> NDArray[np.uint8]:
    """(1, 16, 112, 112, 3): a square wanders over a texture."""
    picture = scene(7, width=112, height=112)
    return np.stack([picture(4 * number) for number in range(16)])[None]


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


def test_the_network_is_the_one_in_the_paper(
    state: State, weights: Path, golden: NDArray[np.uint8]
) -> None:
    """In full precision, against the functional one that shares no code with it."""
    network = _restore(weights).eval()
    clips = torch.from_numpy(golden).permute(0, 4, 1, 2, 3).float() / 128 - 1
    with torch.inference_mode():
        found, wanted = network(clips), features_of(state, clips)
        network.fold()
        folded = network(clips)
    assert found.shape == (1, 2048)
    assert wanted.std() > 0.01
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(folded, wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "normalise"),
    [
        (
            NEWER,
            lambda rgb: (rgb / 255 - mean(0.4345, 0.4051, 0.3775)) / mean(0.2768, 0.2713, 0.2737),
        ),
        ("kinetics-2018", lambda rgb: rgb - mean(114.7748, 107.7354, 99.4750)),
    ],
)
def test_the_golden_clip(
    name: str,
    normalise: Callable[[torch.Tensor], torch.Tensor],
    state: State,
    weights: Path,
    golden: NDArray[np.uint8],
) -> None:
    described(weights, normalisation=name)
    extractor = KineticsResNet3d(weights)
    described(weights)
    found = extractor.extract(golden)
    with torch.inference_mode():
        wanted = features_of(state, normalise(torch.from_numpy(golden).permute(0, 4, 1, 2, 3)))
    assert found.dtype == np.float32
    assert cosine(found, wanted.numpy()) > 0.999
    assert np.linalg.norm(found) == pytest.approx(float(wanted.norm()), rel=0.03)


def mean(*levels: float) -> torch.Tensor:
    return torch.tensor(levels).view(3, 1, 1, 1)


def test_a_second_of_video_is_one_clip(weights: Path, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([1, 1.5], fps=25), fps=25)
    video = analyse(clip, KineticsResNet3d(weights))
    assert video.features.shape == (2, 2048)
    assert len(video.frames.luma) == 30
    assert cosine(video.features[0], video.features[1]) < 0.9999  # another scene


def test_the_manifest_tells_files_and_normalisations_apart(any_weights: Path) -> None:
    newer = KineticsResNet3d(any_weights).manifest
    described(any_weights, normalisation="kinetics-2018")
    older = KineticsResNet3d(any_weights).manifest
    digest = sha256(any_weights.read_bytes()).hexdigest()
    assert newer.weights_sha256 == older.weights_sha256 == digest
    assert newer.digest != older.digest
    assert newer.clips_per_s == 1


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(CheckpointMissingError, match=r"none\.pth is missing"):
        KineticsResNet3d(tmp_path / "none.pth")
    alone = tmp_path / "alone.pth"
    alone.write_bytes(b"")
    with pytest.raises(CheckpointMissingError, match=r"alone\.json is missing"):
        KineticsResNet3d(alone)


def test_an_unknown_normalisation_and_another_file(any_weights: Path) -> None:
    described(any_weights, normalisation="imagenet")
    with pytest.raises(CheckpointMismatchError, match="normalisation == 'imagenet', must be one"):
        KineticsResNet3d(any_weights)
    described(any_weights, sha256="0" * 64)
    with pytest.raises(CheckpointMismatchError, match="must be 0000"):
        KineticsResNet3d(any_weights)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state.pop("layer3.5.bn2.running_var"),
        lambda state: state.update({"layer4.3.conv1.weight": torch.zeros(1)}),
        lambda state: state.update({"conv1.weight": torch.zeros(64, 3, 3, 7, 7)}),
        lambda state: state.pop("fc.bias"),
    ],
    ids=["a tensor lacks", "one too many", "another shape", "no classifier"],
)
def test_loading_is_strict(spoil: Callable[[State], object], state: State, tmp_path: Path) -> None:
    spoilt = hollow(state)
    spoil(spoilt)
    path = publish(spoilt, tmp_path / "spoilt.pth")
    described(path)
    with pytest.raises(CheckpointMismatchError, match=r"spoilt\.pth is no published 3D-ResNet-50"):
        KineticsResNet3d(path)


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "text.pth"
    path.write_text("weights")
    described(path)
    with pytest.raises(CheckpointMismatchError, match="is no published"):
        KineticsResNet3d(path)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_on_a_gpu_the_features_are_the_same(weights: Path, golden: NDArray[np.uint8]) -> None:
    on_cpu = KineticsResNet3d(weights).extract(golden)
    assert cosine(KineticsResNet3d(weights, device="cuda").extract(golden), on_cpu) > 0.999
