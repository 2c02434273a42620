"""A film is decoded no further, and no more often, than its keyframes ask for."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
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

    def counted(
        video: OpenVideo, start_stamp_s: float | None = None, *, reads_all: bool
    ) -> Iterator[FilmFrame]:
        for each in film_frames(video, start_stamp_s, reads_all=reads_all):
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


def test_runs_that_overlap_are_decoded_once(tmp_path: Path, decoded: list[FilmFrame]) -> None:
    clip = write_clip(tmp_path / "a.mp4", levels(FRAMES), fps=FPS, gop=FRAMES)
    runs = cut_frames(clip, [[3.0, 3.4], [2.5, 3.1, 3.2], [3.1], [3.3, 3.6]])
    assert [seen(run) for run in runs] == [[30, 34], [25, 31, 32], [31], [33, 36]]
    assert len(decoded) <= 37 + REORDERED


def test_film_before_a_keyframe_is_passed_over(tmp_path: Path, decoded: list[FilmFrame]) -> None:
    clip = write_clip(tmp_path / "a.mp4", levels(FRAMES), fps=FPS, gop=10)
    runs = cut_frames(clip, [[4.0], [0.0], [2.1]])
    assert [seen(run) for run in runs] == [[40], [0], [21]]
    assert len(decoded) <= 1 + 1 + 2 + 3 * REORDERED


def with_every_second_frame_built_on_by_none(path: Path, pause_after: int = FRAMES) -> Path:
    """Write H.264 whose odd frames are B-frames, with a pause of three seconds after one."""
    with av.open(str(path), "w") as container:
        options = {"bf": "1", "x264-params": "b-adapt=0:scenecut=0", "crf": "10"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.gop_size = FRAMES
        for number, picture in enumerate(levels(FRAMES)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number + 3 * FPS * (number > pause_after)
            frame.time_base = Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_frames_that_no_other_is_built_on_are_left_out_on_the_way(
    tmp_path: Path, decoded: list[FilmFrame]
) -> None:
    clip = with_every_second_frame_built_on_by_none(tmp_path / "a.mp4")
    [run] = cut_frames(clip, [[4.0, 4.1, 4.2]])
    assert seen(run) == [40, 41, 42]
    assert len(decoded) <= 35 / 2 + 8 + REORDERED


@pytest.mark.parametrize("last", [20, 21])
def test_a_frame_on_screen_for_long_is_not_left_out(tmp_path: Path, last: int) -> None:
    clip = with_every_second_frame_built_on_by_none(tmp_path / "a.mp4", pause_after=last)
    runs = cut_frames(clip, [[4.3, 5.5], [1.0]])
    assert [seen(run) for run in runs] == [[last, 25], [10]]


def test_runs_that_overlap_are_all_shown(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", levels(FRAMES), fps=FPS, gop=FRAMES)
    runs = cut_frames(clip, [[2.0, 2.5, 3.0], [2.2, 2.4], [2.2]])
    assert [seen(run) for run in runs] == [[20, 25, 30], [22, 24], [22]]
