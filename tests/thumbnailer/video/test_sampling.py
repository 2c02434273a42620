from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import black, scenes, shared_video, without_duration, write_clip
from thumbnailer.errors import DecodeFailedError, VideoTooLongError
from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import Sample, sample_video


def samples(path: Path, settings: FilmSettings = DEFAULT_FILM) -> list[Sample]:
    return list(sample_video(path, rgb_size=32, settings=settings, log=DecodingLog()))


@pytest.mark.parametrize("fps", [5, 12, 25, 50])
@pytest.mark.parametrize("first_pts", [0, 100])
def test_ticks_are_without_gap_at_any_rate_and_start(
    tmp_path: Path, fps: int, first_pts: int
) -> None:
    clip = write_clip(tmp_path / "a.mkv", scenes([3], fps=fps), fps=fps, first_pts=first_pts)
    found = samples(clip)
    assert found[0].first_tick == 0
    assert [s.first_tick for s in found[1:]] == [s.end_tick for s in found[:-1]]
    assert found[-1].end_tick == 36
    assert sum(s.feature_frames for s in found) == 9


def test_pictures_are_full_range_and_colour_comes_three_times_a_second(tmp_path: Path) -> None:
    white = [np.full((48, 64, 3), 255, np.uint8)] * 12
    found = samples(write_clip(tmp_path / "a.mp4", [*black(12), *white]))
    assert found[0].gray.shape == (36, 64)
    assert found[0].gray.max() <= 1
    assert found[-1].gray.min() >= 254
    assert [s.first_tick for s in found if s.rgb is not None] == [0, 4, 8, 12, 16, 20]
    assert found[0].rgb is not None
    assert found[0].rgb.shape == (32, 32, 3)


def test_rotated_pictures_are_turned_upright(tmp_path: Path) -> None:
    left_white = np.zeros((48, 64, 3), np.uint8)
    left_white[:, :32] = 255
    [first, *_] = samples(write_clip(tmp_path / "a.mp4", [left_white] * 12, rotation=90))
    # Turned by 90 degrees counter-clockwise, the left half lies at the bottom.
    assert first.gray[30:].min() > 250
    assert first.gray[:6].max() < 5


def test_a_truncated_file_gives_what_there_is(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", scenes([4, 4]))
    content = clip.read_bytes()
    clip.write_bytes(content[: len(content) * 2 // 3])
    assert 36 <= samples(clip)[-1].end_tick < 96


def test_damage_is_counted() -> None:
    log = DecodingLog()
    clip = shared_video("popcornjs_trailer.ogv")
    found = list(sample_video(clip, rgb_size=32, log=log))
    assert log.skipped_packets == 0  # its empty packets repeat a frame, they are no damage
    assert found[-1].end_tick == pytest.approx(64.54 * 12, abs=2)


def test_a_leap_in_time_is_refused(tmp_path: Path) -> None:
    short = FilmSettings(longest_s=2)
    clip = write_clip(tmp_path / "a.mp4", scenes([3]))
    live = without_duration(clip, tmp_path / "live.mkv")
    with pytest.raises(VideoTooLongError, match=r"a\.mp4 lasts more than 2 s: cut it"):
        samples(clip, short)
    with pytest.raises(VideoTooLongError, match=r"live\.mkv lasts more than 2 s: cut it"):
        samples(live, short)
    assert samples(clip, FilmSettings(longest_s=3))[-1].end_tick == 36


def test_a_file_without_frames_is_an_error(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", scenes([1]))
    content = clip.read_bytes()
    clip.write_bytes(content[: content.index(b"\x1f\x43\xb6\x75") + 12])
    with pytest.raises(DecodeFailedError, match="no frame of its h264 track"):
        samples(clip)
