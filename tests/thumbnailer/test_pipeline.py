from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.thumbnailer.clips import scenes, shared_video, write_clip
from thumbnailer.errors import UnknownSelectorError, UnreadableVideoError
from thumbnailer.pipeline import MadeThumbnail, make_thumbnails, selector_names


def gif_frames(made: MadeThumbnail) -> list[Image.Image]:
    """One picture every 80 ms; a frame that stays longer is repeated."""
    image = Image.open(BytesIO(made.content))
    return [
        frame.convert("RGB")
        for frame in ImageSequence.Iterator(image)
        for _ in range(frame.info["duration"] // 80)
    ]


def test_every_selector_makes_a_thumbnail_of_one_pass(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([3, 3, 3, 3]))
    made = make_thumbnails(clip, selector_names())
    assert [thumbnail.selector for thumbnail in made] == list(selector_names())
    for thumbnail in made:
        image = Image.open(BytesIO(thumbnail.content))
        assert Image.MIME[str(image.format)] == thumbnail.media_type
        assert image.size == (thumbnail.width, thumbnail.height) == (64, 48)
        assert thumbnail.candidates[0].starts_s == thumbnail.shots
        assert all(0 <= start_s < 12 for start_s in thumbnail.shots)


def test_a_gif_shows_its_shots_in_play_order(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([3, 3, 3, 3]))
    [made] = make_thumbnails(clip, ["uniform"])
    assert made.shots == (3.0, 6.0, 8.0)
    frames = [np.asarray(frame).astype(float) for frame in gif_frames(made)]
    wanted = scenes([3, 3, 3, 3])
    assert len(frames) == 36
    for position, start_s in enumerate(made.shots):
        shown, there = frames[12 * position + 6], wanted[int(start_s) * 12 + 5]
        assert np.abs(shown - there).mean() < 12


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([3, 2, 3]))
    assert make_thumbnails(clip, selector_names()) == make_thumbnails(clip, selector_names())


@pytest.mark.parametrize("length_s", [1 / 12, 0.5, 1.5, 2.9])
def test_a_video_under_three_seconds_is_shown_whole(tmp_path: Path, length_s: float) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([length_s]))
    for made in make_thumbnails(clip, selector_names()):
        assert "shorter than 3 s" in made.note
        if made.media_type == "image/gif":
            assert made.shots == pytest.approx((0, made.shot_length_s, 2 * made.shot_length_s))
            assert made.shot_length_s * 3 == pytest.approx(length_s, abs=0.05)
            assert 1 <= len(gif_frames(made)) <= 36
        else:
            assert 0 <= made.shots[0] <= length_s


def test_the_still_says_that_it_stands_in(tmp_path: Path) -> None:
    [made] = make_thumbnails(write_clip(tmp_path / "a.mp4", scenes([4])), ["raw"])
    assert "stand-in for the publisher's image" in made.note
    assert made.media_type == "image/jpeg"


def test_unknown_selectors_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownSelectorError, match="selector == 'best', must be one of raw"):
        make_thumbnails(tmp_path / "a.mp4", ["best"])


def test_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(UnreadableVideoError):
        make_thumbnails(tmp_path / "a.mp4", ["uniform"])


def test_a_real_clip_has_no_black_and_no_title_in_its_gif() -> None:
    [made] = make_thumbnails(shared_video("big_buck_bunny_trailer.webm"), ["uniform"])
    for frame in gif_frames(made):
        assert np.asarray(frame.convert("L")).std() > 20
        assert np.asarray(frame.convert("L")).mean() > 25
