"""Whatever is brought comes out as frames of the thumbnail's shape, or ends in a sentence."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.thumbnailer import hostile_files as make
from tests.thumbnailer.clips import scenes, shared_video, write_clip
from thumbnailer.creative.read import Creative, read_creative
from thumbnailer.errors import ThumbnailerError, VideoError

BOX = (320, 180)


def read(path: Path) -> Creative:
    return read_creative(path, box=BOX, frame_s=0.08)


def gif(path: Path, count: int) -> Path:
    """A GIF of so many small pictures of one pixel's difference."""
    frames = [Image.new("P", BOX, number % 2) for number in range(count)]
    for frame in frames:
        frame.putpalette([0, 0, 0, 255, 255, 255])
    first, *others = frames
    first.save(path, save_all=True, append_images=others, duration=20, optimize=False)
    return path


def test_a_picture_is_one_frame(tmp_path: Path) -> None:
    Image.new("RGB", (1280, 720), "navy").save(tmp_path / "a.jpg")
    found = read(tmp_path / "a.jpg")
    assert found.frames.shape == (1, 180, 320, 3)
    assert found.note == ""


def test_a_gif_plays_as_long_as_it_did(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (400, 400), (40 * number, 0, 0)) for number in range(5)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=160)
    found = read(tmp_path / "a.gif")
    assert found.frames.shape == (10, 180, 320, 3)
    assert found.note == "44% of its height is cut off: thumbnails have another shape"


def test_a_real_clip(tmp_path: Path) -> None:
    film = shared_video("sintel_trailer_480p.mp4")
    with pytest.raises(VideoError, match="must last at most 6 s: cut it"):
        read(film)
    path = write_clip(
        tmp_path / "a.mp4", [frame.repeat(4, 0).repeat(4, 1) for frame in scenes([2])]
    )
    assert read(path).frames.shape == (25, 144, 256, 3)


def polyglot(path: Path) -> Path:
    """A picture, and behind it a page and an archive with a program."""
    file, archive = BytesIO(), BytesIO()
    Image.new("RGB", BOX, "teal").save(file, "PNG")
    with zipfile.ZipFile(archive, "w") as added:
        added.writestr("run.js", "alert(1)")
    path.write_bytes(file.getvalue() + b"<script>alert(1)</script>" + archive.getvalue())
    return path


def test_of_a_polyglot_nothing_but_the_picture_is_left(tmp_path: Path) -> None:
    found = read(polyglot(tmp_path / "a.png.html"))
    assert (found.frames == (0, 128, 128)).all()


def holding(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


HOSTILE: list[tuple[str, str, Callable[[Path], Path]]] = [
    ("empty.png", "empty", holding(b"")),
    ("text.jpg", "unreadable", holding(b"to be or not to be\n" * 50)),
    ("drawing.svg", "unreadable", holding(b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
    ("entities.png", "unreadable", holding(b'<!DOCTYPE a [<!ENTITY b "ha">]><svg>&b;</svg>' * 9)),
    ("page.webp", "unreadable", holding(b"<!doctype html><script>alert(1)</script>" * 9)),
    ("program.gif", "unreadable", holding(b"\x7fELF" + bytes(4000))),
    ("list.mp4", "playlist", holding(b"#EXTM3U\nhttp://127.0.0.1/other.ts\n")),
    ("header.gif", "unreadable", holding(b"GIF89a")),
    ("header.png", "unreadable", holding(b"\x89PNG\r\n\x1a\n" + bytes(64))),
    ("claims.gif", "too_large", make.huge_picture),
    ("claims.png", "too_large", lambda path: make.huge_picture(path, 65_535)),
    ("frames.gif", "too_long", lambda path: gif(path, 1000)),
    ("hours.mp4", "too_long", make.ten_hours),
    ("sound.mp4", "no_video_track", make.sound_alone),
    ("tracks.mp4", "too_many_streams", lambda path: make.streams(path, 1_000_000)),
    ("truncated.mp4", "unreadable", make.half_a_header),
]


@pytest.mark.parametrize(("name", "code", "write"), HOSTILE, ids=[name for name, *_ in HOSTILE])
def test_hostile_files_end_in_a_sentence(
    tmp_path: Path, name: str, code: str, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path / name)
    with pytest.raises(VideoError, match=name) as caught:
        read(path)
    assert caught.value.code == code
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.webp", "a.avif", "a.jpg"])
def test_damage_anywhere_is_a_picture_or_a_sentence(tmp_path: Path, name: str) -> None:
    file = BytesIO()
    noise = np.random.default_rng(3).integers(0, 256, (100, 180, 3), np.uint8)
    picture = Image.fromarray(noise)
    moves = {} if name == "a.jpg" else {"save_all": True, "append_images": [picture.rotate(180)]}
    picture.save(file, {"jpg": "JPEG"}.get(name[2:], name[2:].upper()), **moves)
    whole, luck = file.getvalue(), np.random.default_rng(len(file.getvalue()))
    ends: set[str] = set()
    for _ in range(40):
        harmed = bytearray(
            whole[: int(luck.choice([len(whole), int(luck.integers(1, len(whole)))]))]
        )
        for _ in range(luck.integers(1, 20)):
            harmed[luck.integers(len(harmed))] = luck.integers(256)
        (tmp_path / name).write_bytes(bytes(harmed))
        try:
            ends.add(str(read(tmp_path / name).frames.shape[1:]))
        except ThumbnailerError as error:
            ends.add(error.code)
    assert ends <= {"(100, 178, 3)", "decode_failed", "unreadable", "too_large", "too_small",
                    "empty", "too_long", "no_video_track"}  # fmt: skip
