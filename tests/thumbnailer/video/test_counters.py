"""Counters of MPEG-TS as FFmpeg writes them, where recordings begin and where they go on."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import scene, write_clip
from thumbnailer.video.container import open_video
from thumbnailer.video.counters import PACKET_BYTES, Counters

GOP = 6


@pytest.fixture
def part(tmp_path: Path) -> bytes:
    return write_clip(
        tmp_path / "one.ts", [scene(1)(number) for number in range(5 * GOP)], gop=GOP
    ).read_bytes()


def starts(path: Path) -> list[tuple[int, bool]]:
    """Return where keyframes begin in a file, and whether a recording does."""
    with av.open(str(path)) as container:
        places = [each.pos for each in container.demux(video=0) if each.is_keyframe]
    with path.open("rb") as file:
        return [(at, Counters(file).begin_anew(at)) for at in places if at is not None]


def test_a_recording_begins_with_its_first_picture_and_no_other(
    tmp_path: Path, part: bytes
) -> None:
    (tmp_path / "a.ts").write_bytes(part * 3)
    found = starts(tmp_path / "a.ts")
    assert [begins for _, begins in found] == 3 * [True, False, False, False, False]


def test_what_lost_its_tables_or_begins_amid_one_does_not_begin(
    tmp_path: Path, part: bytes
) -> None:
    place, begins = starts_of(tmp_path, part)[0]
    assert begins
    cut = part[place : place + PACKET_BYTES]
    for content in (cut, part[:place], bytes(len(part)), b""):
        (tmp_path / "b.ts").write_bytes(content)
        with (tmp_path / "b.ts").open("rb") as file:
            for at in (0, place, 10 * place, 7):
                assert not Counters(file).begin_anew(at)


def starts_of(folder: Path, content: bytes) -> list[tuple[int, bool]]:
    (folder / "a.ts").write_bytes(content)
    return starts(folder / "a.ts")


def test_noise_is_no_error(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 4000, np.uint8).tobytes()
    (tmp_path / "a.ts").write_bytes(noise)
    with (tmp_path / "a.ts").open("rb") as file:
        assert not any(Counters(file).begin_anew(at) for at in range(0, 5000, 7))


def test_other_containers_have_none(tmp_path: Path, part: bytes) -> None:
    with open_video(tmp_path / "one.ts") as video:
        assert part
        assert video.counters
    clip = write_clip(tmp_path / "a.mp4", [scene(1)(number) for number in range(GOP)])
    with open_video(clip) as video:
        assert video.counters is None
