"""Which way up, of what shape, and which part: from the file to the frames of a cut."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from tests.thumbnailer.clips import Frame, write_clip
from tests.thumbnailer.video.mp4_boxes import with_box
from thumbnailer.video.container import open_video
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.decode import sound_picture
from thumbnailer.video.probe import probe

ONE = 1 << 16


def corners() -> Frame:
    """Red, green, blue and white quarters, so that no turn or mirror image is like another."""
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:24, :32, 0] = picture[:24, 32:, 1] = picture[24:, :32, 2] = 230
    picture[24:, 32:] = 230
    return picture


def with_matrix(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """A film of the corners whose track header (ISO/IEC 14496-12, 8.3.2) has this matrix."""
    content = bytearray(write_clip(path, [corners()] * 12).read_bytes())
    at = content.find(b"tkhd") + 4 + 40
    scaled = [ONE * number for number in (a, b, 0, c, d, 0, 0, 0)]
    struct.pack_into(">9i", content, at, *scaled, 1 << 30)
    path.write_bytes(content)
    return path


# By the standard's own words, (x, y) is shown at (ax + cy, bx + dy), and y points down.
MATRICES: dict[tuple[int, int, int, int], Callable[[Frame], Frame]] = {
    (1, 0, 0, 1): lambda p: p,
    (-1, 0, 0, 1): lambda p: p[:, ::-1],
    (1, 0, 0, -1): lambda p: p[::-1],
    (-1, 0, 0, -1): lambda p: p[::-1, ::-1],
    (0, 1, -1, 0): lambda p: np.rot90(p, -1),
    (0, -1, 1, 0): lambda p: np.rot90(p, 1),
    (0, 1, 1, 0): lambda p: p.transpose(1, 0, 2),
    (0, -1, -1, 0): lambda p: p.transpose(1, 0, 2)[::-1, ::-1],
}


@pytest.mark.parametrize("matrix", MATRICES)
def test_turns_and_mirror_images_are_undone(
    tmp_path: Path, matrix: tuple[int, int, int, int]
) -> None:
    clip = with_matrix(tmp_path / "a.mp4", *matrix)
    [[frame]] = cut_frames(clip, [[0.5]])
    wanted = MATRICES[matrix](corners())
    assert frame.shape == wanted.shape
    assert np.abs(frame.astype(int) - wanted).mean() < 8
    assert probe(clip).width == wanted.shape[1]


def with_clean_aperture(path: Path, width: int, height: int) -> Path:
    """A film of the corners of which this much in the middle is to be shown (14496-12, 12.1.4)."""
    clip = write_clip(path, [corners()] * 12)
    aperture = struct.pack(">8I", width, 1, height, 1, 0, 1, 0, 1)
    return with_box(clip, b"avc1", b"clap", aperture)


def test_hidden_edges_are_cut_away(tmp_path: Path) -> None:
    clip = with_clean_aperture(tmp_path / "a.mp4", 32, 24)
    assert (probe(clip).width, probe(clip).height) == (32, 24)
    [[frame]] = cut_frames(clip, [[0.5]])
    assert np.abs(frame.astype(int) - corners()[12:36, 16:48]).mean() < 8


def test_hidden_edges_leave_the_pixels_their_shape(tmp_path: Path) -> None:
    """The container tells the shape of the whole, 4:3, as mkvmerge does of what it crops."""
    clip = write_clip(tmp_path / "a.mp4", [corners()] * 12, aspect=Fraction(2))
    with_box(clip, b"avc1", b"pasp", struct.pack(">2I", 4, 1))
    with_box(clip, b"avc1", b"clap", struct.pack(">8I", 32, 1, 48, 1, 0, 1, 0, 1))
    assert (probe(clip).width, probe(clip).height) == (64, 48)


@pytest.mark.parametrize(
    ("across", "down", "width"),
    [(4, 3, 85), (4, 1, 256), (1, 4, 16), (9, 2, 64), (2, 9, 64), (1, 32, 64), (32, 1, 64)],
)
def test_pixels_are_wide_but_never_a_strip(
    tmp_path: Path, across: int, down: int, width: int
) -> None:
    clip = write_clip(tmp_path / "a.mp4", [corners()] * 12)
    with_box(clip, b"avc1", b"pasp", struct.pack(">2I", across, down))  # 14496-12, 12.1.4
    assert (probe(clip).width, probe(clip).height) == (width, 48)


@pytest.mark.parametrize(
    ("mode", "size", "shown"),
    [
        ("left_right", (64, 48), (64, 48)),
        ("left_right", (128, 48), (64, 48)),
        ("top_bottom", (64, 48), (64, 48)),
        ("top_bottom", (64, 96), (64, 48)),
    ],
    ids=["narrow halves", "whole halves", "low halves", "high halves"],
)
def test_one_eye_of_a_stereo_film_is_shown(
    tmp_path: Path, mode: str, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    picture = np.full((size[1], size[0], 3), 40, np.uint8)
    eye = picture[:, : size[0] // 2] if mode == "left_right" else picture[: size[1] // 2]
    eye[:] = 200
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.metadata["stereo_mode"] = mode
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    [[frame]] = cut_frames(tmp_path / "a.mkv", [[0.5]])
    assert frame.shape[1::-1] == shown
    assert frame.min() > 190


def test_a_size_that_changes_midway_keeps_its_shape(tmp_path: Path) -> None:
    wide = [np.full((36, 64, 3), 200, np.uint8)] * 24
    high = [np.full((64, 48, 3), 200, np.uint8)] * 24
    first = write_clip(tmp_path / "1.ts", wide)
    second = write_clip(tmp_path / "2.ts", high, first_pts=24)
    clip = tmp_path / "a.ts"
    clip.write_bytes(first.read_bytes() + second.read_bytes())
    [[before], [after]] = cut_frames(clip, [[0.5], [3.0]])
    assert before.shape == after.shape == (36, 64, 3)
    assert before.min() > 190
    lit = np.flatnonzero(after.mean(axis=(0, 2)) > 100)
    assert len(lit) == pytest.approx(36 * 48 / 64, abs=2)
    assert lit.mean() == pytest.approx(31.5, abs=1)


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"x264-params": "tff=1"}),
        ("a.ts", "mpeg2video", {"flags": "+ildct+ilme"}),
    ],
)
def test_of_interlaced_films_one_moment_is_shown(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    combed = np.full((96, 128, 3), 40, np.uint8)
    combed[::2] = 200  # the top field; what the other shows is a moment later
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for _ in range(25):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(combed, format="rgb24")))
        container.mux(stream.encode())
    with open_video(tmp_path / name) as video:
        assert sound_picture(video).frame.interlaced_frame
    [[frame]] = cut_frames(tmp_path / name, [[0.5]])
    assert frame.shape == (96, 128, 3)
    assert frame.min() > 180
