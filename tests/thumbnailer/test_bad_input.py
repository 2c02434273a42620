"""Every bad file ends in its own named error, at every door, and quickly."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.thumbnailer import hostile_files as make
from tests.thumbnailer.clips import scenes, write_clip
from tests.thumbnailer.features.means import Means
from thumbnailer.encode.renditions import render
from thumbnailer.errors import DamagedVideoError, VideoError, VideoNotFoundError
from thumbnailer.features.analysis import analyse
from thumbnailer.video.probe import probe


def holding(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


def write_nothing(path: Path) -> Path:
    return path


def write_folder(path: Path) -> Path:
    path.mkdir()
    return path


def write_pipe(path: Path) -> Path:
    os.mkfifo(path)  # to open it would wait for ever
    return path


BAD: list[tuple[str, str, Callable[[Path], Path]]] = [
    ("none.mp4", "not_found", write_nothing),
    ("folder.mp4", "not_found", write_folder),
    ("pipe.mp4", "not_found", write_pipe),
    ("empty.mp4", "empty", holding(b"")),
    ("text.mp4", "unreadable", holding(b"to be or not to be\n" * 50)),
    ("art.txt", "unreadable", holding(b"\x1b[31mred\n" * 50)),
    ("page.webm", "unreadable", holding(b"<!doctype html><title>404</title>" * 9)),
    ("zip.mp4", "unreadable", holding(b"PK\x03\x04" + bytes(400))),
    ("picture.png", "unreadable", holding(b"\x89PNG\r\n\x1a\n" + bytes(64))),
    ("noise.mkv", "unreadable", holding(bytes(range(256)) * 99)),
    ("zeros.mp4", "unreadable", holding(bytes(100_000))),
    ("truncated.mp4", "unreadable", make.half_a_header),
    ("headers.mkv", "decode_failed", make.no_frames),
    ("sound.wav", "no_video_track", make.sound_alone),
    ("sound.mp4", "no_video_track", make.sound_alone),
    ("encrypted.mp4", "encrypted", make.encrypted),
    ("encrypted_mpeg4.mp4", "encrypted", lambda path: make.encrypted(path, "mpeg4")),
    ("huge.gif", "too_large", make.huge_picture),
    ("huge.mp4", "too_large", make.huge_picture),
    ("impossible.gif", "decode_failed", lambda path: make.huge_picture(path, 65_535)),
    ("hours.mp4", "too_long", make.ten_hours),
    ("hours.mkv", "too_long", make.ten_hours),
    ("streams.mp4", "too_many_streams", lambda path: make.streams(path, 101)),
    ("million.mp4", "too_many_streams", lambda path: make.streams(path, 1_000_000)),
]


@pytest.mark.parametrize(("name", "code", "write"), BAD, ids=[name for name, _, _ in BAD])
def test_bad_files_end_in_their_own_error(
    tmp_path: Path, name: str, code: str, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path / name)
    for door in (probe, lambda path: analyse(path, Means()), lambda path: render(path, [0.0], 1)):
        with pytest.raises(VideoError, match=name) as caught:
            door(path)
        assert caught.value.code == code
        assert caught.value.is_the_videos_fault


LISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n",
    "list.mpd": "<?xml version='1.0'?>\n<MPD type='static'><BaseURL>{target}</BaseURL></MPD>\n",
    "list.asx": "<asx version='3.0'><entry><ref href='{target}'/></entry></asx>\n",
    "list.pls": "[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    "list.mp4": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/other.ts", "other.ts", "file:{file}"])
def test_lists_of_other_files_are_not_followed(tmp_path: Path, name: str, target: str) -> None:
    other = write_clip(tmp_path / "other.ts", scenes([1]))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        path = tmp_path / name
        named = target.format(port=port, file=other)
        path.write_text(LISTS[name].format(target=named, port=port))
        with pytest.raises(VideoError, match="which are not followed") as caught:
            probe(path)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()  # nobody has called
    assert caught.value.code == "playlist"


@pytest.mark.parametrize("name", ["http:127.0.0.1", "concat:other.ts|other.ts", "subfile,,start"])
def test_a_files_name_is_no_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4", scenes([1])).rename(name)
    assert probe(name).width == 64


@pytest.mark.parametrize("name", ["clip.txt", "clip.png", "clip", "clip.m3u8"])
def test_content_decides_not_the_extension(tmp_path: Path, name: str) -> None:
    clip = write_clip(tmp_path / "clip.mp4", scenes([1]))
    assert probe(clip.rename(tmp_path / name)).width == 64


def test_a_file_that_vanishes_midway(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([4]))
    analyse(clip, Means())
    clip.unlink()
    with pytest.raises(VideoNotFoundError, match=r"a\.mp4 is no file that can be read"):
        render(clip, [0.0, 1.0, 2.0], 1)


def test_a_file_that_is_truncated_while_it_is_read(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.ts", scenes([30]), gop=1)
    size = clip.stat().st_size

    class Truncating(Means):
        def extract(self, clips):  # type: ignore[no-untyped-def]
            os.truncate(clip, size // 4)
            return super().extract(clips)

    video = analyse(clip, Truncating())
    assert 1 <= len(video.features) < 30


def test_a_film_of_which_no_picture_is_whole_is_refused(tmp_path: Path) -> None:
    """It has one cluster, and the checksum of that is wrong."""
    clip = write_clip(tmp_path / "a.mkv", scenes([2]), codec="libx265", gop=240)
    content = bytearray(clip.read_bytes())
    content[content.index(b"\x1f\x43\xb6\x75") + 99] ^= 1
    clip.write_bytes(content)
    with pytest.raises(DamagedVideoError, match=r"a\.mkv is damaged.*upload it again"):
        analyse(clip, Means())


def test_a_film_cut_off_before_there_are_three_seconds_is_refused(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.webm", scenes([6]), codec="libvpx", gop=12)
    content = clip.read_bytes()
    clip.write_bytes(content[: len(content) // 3])
    with pytest.raises(DamagedVideoError, match=r"only [012] full seconds of it are surely whole"):
        analyse(clip, Means())
