"""Matroska files with checksums, as FFmpeg writes them, against the same files spoilt."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.video.checksums import TRACKS, Checksums

GOP = 12


def spoilt_packets(path: Path) -> list[bool]:
    with path.open("rb") as file, av.open(str(path)) as container:
        checksums = Checksums(file)
        return [
            checksums.is_spoilt(packet.pos)
            for packet in container.demux(video=0)
            if packet.pos is not None
        ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighteen seconds in several clusters."""
    path = tmp_path_factory.mktemp("whole") / "a.mkv"
    return write_clip(path, scenes([6, 6, 6]), codec="libx265", gop=GOP)


def starts(content: bytes) -> list[int]:
    """Return where clusters begin, by their name."""
    return [at for at in range(len(content)) if content.startswith(b"\x1f\x43\xb6\x75", at)]


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_a_whole_file_is_not_spoilt(whole: Path) -> None:
    assert len(starts(whole.read_bytes())) >= 3
    assert spoilt_packets(whole) == [False] * 216


def test_one_bit_spoils_its_cluster_alone(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    second, third = starts(content)[1:3]
    clip = tmp_path / "a.mkv"
    clip.write_bytes(flipped(content, (second + third) // 2))
    with av.open(str(clip)) as container:
        places = [each.pos for each in container.demux(video=0) if each.pos is not None]
    assert spoilt_packets(clip) == [second < place < third for place in places]


@pytest.mark.parametrize(
    "at", [lambda start: start, lambda start: start + 4], ids=["its name", "its size"]
)
def test_what_a_spoilt_header_leads_to_is_spoilt(
    whole: Path, tmp_path: Path, at: Callable[[int], int]
) -> None:
    content = whole.read_bytes()
    second, third = starts(content)[1:3]
    clip = tmp_path / "a.mkv"
    clip.write_bytes(flipped(content, at(second)))
    with clip.open("rb") as file:
        checksums = Checksums(file)
        seen = [checksums.is_spoilt(place) for place in (second - 9, second + 99, third + 99)]
    assert seen == [False, True, False]


def test_of_a_download_that_broke_off_the_last_cluster_is_not_judged(
    whole: Path, tmp_path: Path
) -> None:
    content = whole.read_bytes()
    second, third = starts(content)[1:3]
    clip = tmp_path / "a.mkv"
    clip.write_bytes(content[: (second + third) // 2])
    assert not any(spoilt_packets(clip))
    with clip.open("rb") as file:
        checksums = Checksums(file)
        told = [checksums.is_spoilt(at) or checksums.is_cut_off for at in (second - 9, second + 99)]
    assert told == [False, True], "but the file is known as damaged"


def test_a_file_without_checksums_is_not_judged(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.webm", scenes([2]), codec="libvpx")
    content = clip.read_bytes()
    clip.write_bytes(flipped(content, len(content) // 2))
    assert not any(spoilt_packets(clip))


@pytest.mark.parametrize("at", [4, 8, 100], ids=["its size", "its checksum", "a codec's own"])
def test_a_bit_of_the_tracks_spoils_them(whole: Path, tmp_path: Path, at: int) -> None:
    """All pictures may be decoded wrongly then, and the file is known as damaged."""
    content = whole.read_bytes()
    tracks = content.find(TRACKS, content.find(TRACKS) + 1)  # behind a list of what there is
    clip = tmp_path / "a.mkv"
    clip.write_bytes(flipped(content, tracks + at))
    assert [are_tracks_spoilt(path) for path in (whole, clip)] == [False, True]


def test_a_file_without_tracks_or_their_checksum_is_not_judged(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.webm", scenes([2]), codec="libvpx")
    (tmp_path / "empty.mkv").touch()
    assert not are_tracks_spoilt(clip)
    assert not are_tracks_spoilt(tmp_path / "empty.mkv")


def are_tracks_spoilt(path: Path) -> bool:
    with path.open("rb") as file:
        return Checksums(file).are_tracks_spoilt()


def test_a_seek_finds_the_cluster_that_it_lands_in(whole: Path) -> None:
    content = whole.read_bytes()
    first, second, third = starts(content)[:3]
    whole_but_one = flipped(content, second + 200)
    with (whole.parent / "b.mkv").open("w+b") as file:
        file.write(whole_but_one)
        checksums = Checksums(file)
        seen = [checksums.is_spoilt(place + 300) for place in (third, second, first)]
    assert seen == [False, True, False]
