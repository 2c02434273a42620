import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import scenes, write_clip
from tests.thumbnailer.features.means import MANIFEST, Means
from thumbnailer.errors import CrashedError, TimeLimitError, UnreadableVideoError
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.batches import analyse_all


class Noting(Means):
    """Notes how many clips it was given at a time."""

    def __init__(self, manifest: FeatureManifest = MANIFEST) -> None:
        super().__init__(manifest)
        self.batches: list[int] = []

    def extract(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.batches.append(len(clips))
        return super().extract(clips)


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    lengths_s: tuple[list[float], ...] = ([2, 2], [1.5], [0.5], [1, 1, 1])
    return [
        write_clip(tmp_path / f"{number}.mp4", scenes(each))
        for number, each in enumerate(lengths_s)
    ]


@pytest.mark.parametrize("manifest", [MANIFEST, replace(MANIFEST, frames_per_s=16, clip_frames=8)])
def test_batches_change_nothing(clips: list[Path], manifest: FeatureManifest) -> None:
    extractor = Noting(manifest)
    found = dict(analyse_all(clips, extractor, decoders=2, batch_size=5))
    assert set(found) == set(clips)
    for path, video in found.items():
        alone = analyse(path, Means(manifest))
        assert isinstance(video, Analysis)
        np.testing.assert_allclose(video.features, alone.features, rtol=1e-6)
        np.testing.assert_array_equal(video.frames.luma, alone.frames.luma)
    assert extractor.batches.count(5) >= len(extractor.batches) - 2


def test_a_bad_file_does_not_hold_up_the_others(clips: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    paths = [clips[0], text, clips[1]]
    found = dict(analyse_all(paths, Means(), decoders=1, batch_size=64))
    assert isinstance(found[text], UnreadableVideoError)
    assert isinstance(found[clips[0]], Analysis)
    assert isinstance(found[clips[1]], Analysis)


class Mute(FeatureManifest):
    """Puts the process that it is sent to to sleep."""

    def __reduce__(self) -> tuple[Any, ...]:
        return time.sleep, (3600,)


def test_a_silent_decoder_is_given_up(clips: list[Path]) -> None:
    manifest = Mute("means", 1280, 8, 3, 1, "none", "0" * 64)
    results = analyse_all(
        clips[:1], Means(manifest), decoders=1, batch_size=1, longest_silence_s=0.1
    )
    [(path, lost)] = list(results)
    assert path == clips[0]
    assert isinstance(lost, TimeLimitError)
    assert "was decoded for 0.1 s without a clip" in str(lost)


class Deadly(FeatureManifest):
    """Ends the process that it is sent to."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (7,)


def test_a_decoder_that_dies_is_an_error_of_its_video(clips: list[Path]) -> None:
    manifest = Deadly("means", 1280, 8, 3, 1, "none", "0" * 64)
    [(_, lost)] = list(analyse_all(clips[:1], Means(manifest), decoders=1, batch_size=1))
    assert isinstance(lost, CrashedError)
    assert "ended its decoder with exit code 7" in str(lost)
