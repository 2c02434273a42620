"""The steps one after the other, in one process: from a file to thumbnails of every selector."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.thumbnailer.clips import scenes, shared_video, write_clip
from thumbnailer import steps
from thumbnailer.encode.settings import DEFAULT
from thumbnailer.errors import UnknownSelectorError, UnreadableVideoError
from thumbnailer.registry import SELECTORS
from thumbnailer.results import Rendition, Selection, Wanted
from thumbnailer.settings import SelectionSettings

ALL_FILES = tuple(DEFAULT.digests)


def made_of(
    clip: Path, selectors: Sequence[str] = tuple(SELECTORS)
) -> list[tuple[Selection, list[Rendition]]]:
    kept = str(clip.parent / "features"), clip.name
    chosen = steps.select(str(clip), *kept, selectors, SelectionSettings())
    wanted = [Wanted(each.starts_s, each.shot_length_s, ALL_FILES) for each in chosen]
    return list(zip(chosen, steps.encode(str(clip), wanted), strict=True))


def gif_frames(renditions: list[Rendition]) -> list[Image.Image]:
    """One picture every 80 ms; a frame that stays longer is repeated."""
    image = Image.open(BytesIO(renditions[0].content))
    return [
        frame.convert("RGB")
        for frame in ImageSequence.Iterator(image)
        for _ in range(frame.info["duration"] // 80)
    ]


def test_every_selector_makes_a_thumbnail(tmp_path: Path) -> None:
    made = made_of(write_clip(tmp_path / "a.mp4", scenes([3, 3, 3, 3])))
    assert [chosen.selector for chosen, _ in made] == list(SELECTORS)
    for chosen, [shown, *_] in made:
        image = Image.open(BytesIO(shown.content))
        assert Image.MIME[str(image.format)] == shown.media_type
        assert image.size == (shown.width, shown.height) == (64, 48)
        assert all(0 <= start_s < 12 for start_s in chosen.starts_s)


def test_a_gif_shows_its_shots_in_play_order(tmp_path: Path) -> None:
    [(chosen, renditions)] = made_of(
        write_clip(tmp_path / "a.mp4", scenes([3, 3, 3, 3])), ["uniform"]
    )
    assert chosen.starts_s == (2.0, 5.0, 9.0)
    frames = [np.asarray(frame).astype(float) for frame in gif_frames(renditions)]
    wanted = scenes([3, 3, 3, 3])
    assert len(frames) == 36
    for position, start_s in enumerate(chosen.starts_s):
        shown, there = frames[12 * position + 6], wanted[int(start_s) * 12 + 5]
        assert np.abs(shown - there).mean() < 12


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([3, 2, 3]))
    assert made_of(clip) == made_of(clip)


@pytest.mark.parametrize("length_s", [1 / 12, 0.5, 1.5, 2.9])
def test_a_video_under_three_seconds_is_shown_whole(tmp_path: Path, length_s: float) -> None:
    [(chosen, renditions)] = made_of(
        write_clip(tmp_path / "a.mp4", scenes([length_s])), ["uniform"]
    )
    assert chosen.shot_length_s * 3 == pytest.approx(length_s, abs=0.05)
    assert 1 <= len(gif_frames(renditions)) <= 36


def test_unknown_selectors_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownSelectorError, match="selector == 'best', must be one of appeal, beautthumb"
    ):
        made_of(tmp_path / "a.mp4", ["best"])


def test_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(UnreadableVideoError):
        made_of(tmp_path / "a.mp4", ["uniform"])


def test_a_real_clip_has_no_black_and_no_title_in_its_gif(tmp_path: Path) -> None:
    clip = tmp_path / "clip.webm"
    clip.symlink_to(shared_video("big_buck_bunny_trailer.webm"))
    [(_, renditions)] = made_of(clip, ["uniform"])
    for frame in gif_frames(renditions):
        assert np.asarray(frame.convert("L")).std() > 20
        assert np.asarray(frame.convert("L")).mean() > 25


def test_a_creative_becomes_the_files_of_a_thumbnail(tmp_path: Path) -> None:
    first, *others = [Image.new("RGB", (640, 360), (80 * each, 0, 0)) for each in range(3)]
    first.save(tmp_path / "a.gif", save_all=True, append_images=others, duration=240)
    made = steps.creative(str(tmp_path / "a.gif"), ALL_FILES)
    assert [each.name for each in made.renditions] == list(ALL_FILES)
    assert {(each.width, each.height) for each in made.renditions} == {(320, 180), (640, 360)}
    assert len(gif_frames(made.renditions)) == 9
    assert made.length_s == pytest.approx(0.72)
    first.save(tmp_path / "a.png")
    still = steps.creative(str(tmp_path / "a.png"), ALL_FILES)
    assert [each.media_type for each in still.renditions] == ["image/jpeg"] * 2
    assert (still.length_s, still.note) == (0.0, "")
