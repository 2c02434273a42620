"""A film is decoded no further, and no more often, than its keyframes ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.thumbnailer.clips import write_clip
from tests.thumbnailer.video.test_cut import levels, seen
from thumbnailer.video import projector
from thumbnailer.video.container import OpenVideo
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.decode import FilmFrame, film_frames

FPS, FRAMES = 10, 50
REORDERED = 4  # frames that a decoder holds back, and the one behind what is on screen


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[FilmFrame]:
    """Frames that the projector has asked for so far."""
    frames: list[FilmFrame] = []

    def counted(video: OpenVideo, start_stamp_s: float | None = None) -> Iterator[FilmFrame]:
        for each in film_frames(video, start_stamp_s):
            frames.append(each)
            yield each

    monkeypatch.setattr(projector, "film_frames", counted)
    return frames


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_what_lies_between_keyframes_is_decoded_once_for_all_runs(
    tmp_path: Path, decoded: list[FilmFrame], name: str
) -> None:
    clip = write_clip(tmp_path / name, levels(FRAMES), fps=FPS, gop=FRAMES)
    runs = cut_frames(clip, [[4.0, 4.1], [1.0, 1.2], [2.5]])
    assert [seen(run) for run in runs] == [[40, 41], [10, 12], [25]]
    assert len(decoded) <= 42 + REORDERED


def test_film_before_a_keyframe_is_passed_over(tmp_path: Path, decoded: list[FilmFrame]) -> None:
    clip = write_clip(tmp_path / "a.mp4", levels(FRAMES), fps=FPS, gop=10)
    runs = cut_frames(clip, [[4.0], [0.0], [2.1]])
    assert [seen(run) for run in runs] == [[40], [0], [21]]
    assert len(decoded) <= 1 + 1 + 2 + 3 * REORDERED


def test_runs_that_overlap_are_all_shown(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", levels(FRAMES), fps=FPS, gop=FRAMES)
    runs = cut_frames(clip, [[2.0, 2.5, 3.0], [2.2, 2.4], [2.2]])
    assert [seen(run) for run in runs] == [[20, 25, 30], [22, 24], [22]]
