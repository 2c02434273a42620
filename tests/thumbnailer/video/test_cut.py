from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import (
    black,
    scenes,
    shared_video,
    with_another_height,
    write_clip,
)
from tests.thumbnailer.video.test_damage import FPS, GOP, decoded, film, spoilt
from thumbnailer.errors import DecodeFailedError
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.scale import fit


def levels(count: int) -> list[NDArray[np.uint8]]:
    """Frame number i is gray of level 5 i."""
    return [np.full((48, 64, 3), 5 * number, np.uint8) for number in range(count)]


def seen(frames: list[NDArray[np.uint8]]) -> list[int]:
    return [round(float(frame.mean()) / 5) for frame in frames]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.webm", "libvpx"), ("a.mpg", "mpeg2video"), ("a.ts", "libx264")],
)
@pytest.mark.parametrize("first_pts", [0, 250])
def test_cuts_the_frames_on_screen_in_any_order(
    tmp_path: Path, name: str, codec: str, first_pts: int
) -> None:
    clip = write_clip(tmp_path / name, levels(50), fps=25, codec=codec, first_pts=first_pts)
    runs = cut_frames(clip, [[1.21, 1.29, 1.37], [0.03, 0.09], [1.97, 2.5]])
    assert [seen(run) for run in runs] == [[31, 33, 35], [1, 3], [49, 49]]


def test_a_moment_between_two_frames_shows_the_earlier(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", levels(20), fps=5)
    assert seen(cut_frames(clip, [[0.5, 0.55, 0.57]])[0]) == [2, 2, 3]


@pytest.mark.parametrize("late", range(-4, 5))
def test_a_cut_is_where_the_decoding_pass_found_it(tmp_path: Path, late: int) -> None:
    """At 96 frames a second a tick is 8 frames: a cut by up to half a tick beside the second."""
    frames = [*scenes([1], fps=96 + late), *black(96)]
    clip = write_clip(tmp_path / "a.mkv", frames, fps=96)
    samples = sample_video(clip, rgb_size=32, log=DecodingLog())
    dark = next(sample.first_tick for sample in samples if sample.gray.max() < 20)
    [[before, after]] = cut_frames(clip, [[(dark - 1) / 12, dark / 12]])
    assert before.max() > 200
    assert after.max() < 20


def test_a_wrong_index_of_keyframes_does_not_show_rubbish() -> None:
    clip = shared_video("nasa_sdo_venus_transit.mkv")  # a seek lands between its keyframes
    [[sought], [decoded, *_]] = cut_frames(
        clip, [[5.0], [5.0, *[5.0 + step / 10 for step in range(1, 5)]]]
    )
    whole = cut_frames(clip, [[step / 2 for step in range(11)]])[0][-1]
    assert np.abs(sought.astype(int) - whole).max() == 0
    assert np.abs(decoded.astype(int) - whole).max() == 0


def test_portrait_and_wide_pictures_fit_the_box(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([0.5]), rotation=90)
    assert cut_frames(clip, [[0.0]])[0][0].shape == (64, 48, 3)
    assert fit(1920, 800, 320, 180) == (320, 134)
    assert fit(1080, 1920, 320, 180) == (102, 180)
    assert fit(16, 16, 320, 180) == (16, 16)


def test_a_file_that_loses_its_frames_is_an_error(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", scenes([1]))
    content = clip.read_bytes()
    clip.write_bytes(content[: content.index(b"\x1f\x43\xb6\x75") + 12])
    with pytest.raises(DecodeFailedError):
        cut_frames(clip, [[0.0]])


def test_a_damaged_moment_shows_the_last_sound_frame(tmp_path: Path) -> None:
    """A decoder would show noise amid the frame before; of what is lost at once, what follows."""
    whole = write_clip(tmp_path / "whole.mkv", film(), codec="libx265", gop=GOP)
    clip = spoilt(whole, tmp_path / "a.mkv", {30, 31, 32})
    errors = {number: errors for number, (errors, _) in decoded(clip).items()}
    first = min(number for number, count in errors.items() if count)
    assert first > GOP
    [[before, noise], [later]] = cut_frames(clip, [[(first - 1) / FPS, 46 / FPS], [48 / FPS]])
    assert np.array_equal(noise, before)
    assert not np.array_equal(later, before)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mpeg2video"])
def test_a_seek_onto_a_spoilt_keyframe_shows_what_was_sound_before(
    tmp_path: Path, codec: str
) -> None:
    whole = write_clip(tmp_path / "whole.mkv", film(), codec=codec, gop=GOP)
    clip = spoilt(whole, tmp_path / "a.mkv", {GOP})
    [[before, noise]] = cut_frames(clip, [[(GOP - 8) / FPS, (GOP + 8) / FPS]])
    [[alone]] = cut_frames(clip, [[(GOP + 8) / FPS]])
    assert np.array_equal(noise, alone)
    assert np.abs(alone.astype(int) - before).mean() < 10, "of the scene before"


def test_a_damaged_first_keyframe_of_another_height_puts_no_bars_around_the_film(
    tmp_path: Path,
) -> None:
    whole = write_clip(tmp_path / "whole.webm", film(), codec="libvpx", gop=GOP)
    damaged = with_another_height(whole, tmp_path / "damaged.webm")
    later_s = [[2 * GOP / FPS, 2.5 * GOP / FPS]]
    shown, there = (np.stack(cut_frames(clip, later_s)[0]) for clip in (damaged, whole))
    assert shown.shape == there.shape
    assert (shown == there).all()
