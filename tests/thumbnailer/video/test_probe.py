import wave
from contextlib import suppress
from math import isnan
from pathlib import Path

import av
import pytest

from tests.thumbnailer.clips import (
    scenes,
    shared_video,
    with_another_height,
    without_duration,
    write_clip,
)
from tests.thumbnailer.video.test_damage import GOP, film
from thumbnailer.errors import (
    DecodeFailedError,
    NoVideoTrackError,
    UnreadableVideoError,
    VideoError,
    VideoNotFoundError,
    VideoTooLargeError,
)
from thumbnailer.video import limits
from thumbnailer.video.probe import probe


def test_tells_length_size_rate_and_codec(tmp_path: Path) -> None:
    info = probe(write_clip(tmp_path / "a.mp4", scenes([2])))
    assert (info.duration_s, info.width, info.height) == (2.0, 64, 48)
    assert (info.fps, info.codec) == (12.0, "h264")


@pytest.mark.parametrize(("rotation", "size"), [(90, (48, 64)), (180, (64, 48)), (-90, (48, 64))])
def test_size_is_as_shown_after_rotation(
    tmp_path: Path, rotation: int, size: tuple[int, int]
) -> None:
    info = probe(write_clip(tmp_path / "a.mp4", scenes([0.5]), rotation=rotation))
    assert (info.width, info.height) == size


def test_one_frame_is_a_video(tmp_path: Path) -> None:
    info = probe(write_clip(tmp_path / "a.mkv", scenes([1 / 12])))
    assert info.width == 64
    assert not isnan(info.duration_s)


def test_duration_is_counted_where_the_header_has_none(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "b.mp4", scenes([2]))
    without_duration(whole, tmp_path / "a.mkv")
    with av.open(str(tmp_path / "a.mkv")) as live:
        assert live.duration is None
    assert probe(tmp_path / "a.mkv").duration_s == pytest.approx(2.0, abs=0.01)


def test_start_time_is_not_part_of_the_duration(tmp_path: Path) -> None:
    assert probe(write_clip(tmp_path / "a.ts", scenes([2]), first_pts=120)).duration_s < 2.2


def test_the_largest_of_several_pictures_is_the_video() -> None:
    info = probe(shared_video("nasa_13013.mp4"))
    assert (info.width, info.height) == (480, 270)


def test_non_square_pixels_are_widened() -> None:
    assert probe(shared_video("popcornjs_trailer.ogv")).width == 302


def test_the_size_is_that_of_the_first_sound_picture(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.webm", film(), codec="libvpx", gop=GOP)
    damaged = probe(with_another_height(whole, tmp_path / "damaged.webm"))
    assert (damaged.width, damaged.height) == (320, 176)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(VideoNotFoundError, match=r"none\.mp4 is no file"):
        probe(tmp_path / "none.mp4")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    with pytest.raises(NoVideoTrackError, match="no video track"):
        probe(tmp_path / "a.wav")


def test_huge_pictures_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([1]))
    monkeypatch.setattr(limits, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(VideoTooLargeError, match="64 x 48"):
        probe(clip)


@pytest.mark.parametrize("share", [step / 20 for step in range(20)])
def test_every_truncation_ends_in_an_error_of_ours_or_an_answer(
    tmp_path: Path, share: float
) -> None:
    whole = write_clip(tmp_path / "a.mkv", scenes([1, 1])).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: int(len(whole) * share)])
    with suppress(VideoError):
        assert probe(tmp_path / "cut.mkv").width == 64


def test_a_track_of_rubbish_cannot_be_decoded(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([1]))
    content = bytearray(clip.read_bytes())
    start = content.index(b"mdat") + 4
    content[start : start + 4000] = bytes(4000)
    clip.write_bytes(content)
    with pytest.raises((DecodeFailedError, UnreadableVideoError)):
        probe(clip)
