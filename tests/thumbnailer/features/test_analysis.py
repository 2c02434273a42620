from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.features.analysis import analyse
from thumbnailer.features.efficientnet_lite import default_extractor


@pytest.mark.parametrize("fps", [2, 12, 25])
def test_there_is_one_row_a_whole_second_at_any_rate(tmp_path: Path, fps: int) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([2, 2.5], fps=fps), fps=fps)
    video = analyse(clip, default_extractor())
    assert video.features.shape == (4, 1280)
    assert video.frames.duration_s == pytest.approx(4.5)
    assert video.skipped_packets == 0


def test_seconds_of_one_scene_look_alike(tmp_path: Path) -> None:
    rows = analyse(write_clip(tmp_path / "a.mp4", scenes([2, 2])), default_extractor()).features
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    likeness = rows @ rows.T
    assert min(likeness[0, 1], likeness[2, 3]) > likeness[:2, 2:].max()


def test_a_video_under_a_second_has_no_row(tmp_path: Path) -> None:
    video = analyse(write_clip(tmp_path / "a.mp4", scenes([0.5])), default_extractor())
    assert video.features.shape == (0, 1280)
    assert len(video.frames.luma) == 6
