"""Shots of several thumbnails come from one pass, each with its own frames."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import scene, write_clip
from thumbnailer.encode.cutting import Moments, cut_shots
from thumbnailer.encode.settings import DEFAULT, EncoderSettings
from thumbnailer.settings import PictureSettings

FPS = 10


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 640 x 360, each frame a little lighter than the one before."""
    frames = [np.full((360, 640, 3), 20 + 5 * number, np.uint8) for number in range(4 * FPS)]
    return write_clip(tmp_path_factory.mktemp("clips") / "a.mp4", frames, fps=FPS)


def seen(shots: NDArray[np.uint8]) -> list[list[int]]:
    """Return the numbers of the frames in each shot of (S, N, H, W, 3)."""
    means = shots.mean(axis=(2, 3, 4))
    return [[round((mean - 20) / 5) for mean in shot] for shot in means.tolist()]


def test_each_thumbnail_has_its_own_shots_in_the_order_given(clip: Path) -> None:
    """Also where shots of one overlap with those of another, or are the same."""
    first = Moments([[2.0, 2.1, 2.2, 2.3], [0.5, 0.6, 0.7, 0.8]], margin=1)
    second, still = Moments([[2.1, 2.2], [0.5, 0.6], [3.0, 3.1]]), Moments([[2.2]])
    with cut_shots(clip, [first, second, still], DEFAULT) as cut:
        shots = [cut.of(number) for number in (2, 0, 1, 0)]
    assert [seen(each.frames) for each in shots] == [
        [[22]],
        [[20, 21, 22, 23], [5, 6, 7, 8]],
        [[21, 22], [5, 6], [30, 31]],
        [[20, 21, 22, 23], [5, 6, 7, 8]],
    ]
    assert shots[0].large.shape == (1, 1, 360, 640, 3)
    assert seen(shots[1].large) == seen(shots[1].own) == [[21, 22], [6, 7]]


def test_shots_take_no_memory_that_the_system_cannot_take_back(clip: Path) -> None:
    with cut_shots(clip, [Moments([[2.0, 2.1], [0.5, 0.6]])], DEFAULT) as cut:
        shots = cut.of(0)
        shots.frames[:] = 0  # an encoder's own copy, from then on
        again = cut.of(0)
    assert isinstance(again.frames.base, np.memmap)
    assert isinstance(again.large.base, np.memmap)
    assert seen(again.frames) == [[20, 21], [5, 6]]


def test_shots_without_larger_frames_are_their_own(clip: Path) -> None:
    plain = EncoderSettings.of(PictureSettings(wide=False))
    with cut_shots(clip, [Moments([[1.0, 1.1, 1.2]], margin=1)], plain) as cut:
        shots = cut.of(0)
    assert shots.frames.shape == (1, 3, 180, 320, 3)
    assert (seen(shots.own), seen(shots.large)) == ([[11]], [[11]])


def test_a_shot_that_fills_a_shape_is_cut_to_one_window(tmp_path: Path) -> None:
    pictures = [scene(4, width=360, height=640)(index) for index in range(2 * FPS)]
    clip = write_clip(tmp_path / "a.mp4", pictures, fps=FPS)
    card = EncoderSettings.of(PictureSettings(shape="16:9", wide=False))
    with cut_shots(clip, [Moments([[0.2, 0.3], [1.0, 1.1]]), Moments([[0.3, 0.4]])], card) as cut:
        first, second = cut.of(0), cut.of(1)
    assert first.frames.shape == (2, 2, 180, 320, 3)
    assert second.frames.shape == (1, 2, 180, 320, 3)
    assert first.frames.std() > 0
