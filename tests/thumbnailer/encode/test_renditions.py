"""All formats of a thumbnail come from one cut, in the order chosen."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.thumbnailer.clips import dissolve, scene, scenes, write_clip
from tests.thumbnailer.encode.likeness import frames_on_screen
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.renditions import cut, render, render_frames, shot_times_s
from thumbnailer.encode.settings import DEFAULT
from thumbnailer.results import STILL

STARTS_S = (6.0, 0.0, 3.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "a.mp4", scenes([3, 3, 3]))


def test_every_format_shows_the_same_frames(clip: Path) -> None:
    frames = cut(clip, STARTS_S, shot_times_s(1.0), DEFAULT).astype(float)
    made = render(clip, STARTS_S, 1.0)
    assert [each.name for each in made] == [*FORMATS, STILL]
    for each in made[:-1]:
        shown = frames_on_screen(each.content, 36, DEFAULT.frame_ms // 10)
        assert (each.height, each.width) == shown.shape[1:3]
        assert np.abs(shown - frames).mean() < 6, each.name
        wrong = frames[np.roll(np.arange(36), 12)]
        assert np.abs(shown - wrong).mean() > 20, each.name


def test_the_still_is_a_frame_of_the_first_shot_where_that_has_no_fault(clip: Path) -> None:
    frames = cut(clip, STARTS_S, shot_times_s(1.0), DEFAULT).astype(float)
    still = render(clip, STARTS_S, 1.0)[-1]
    shown = np.asarray(Image.open(BytesIO(still.content))).astype(float)
    assert np.abs(frames - shown).mean(axis=(1, 2, 3)).argmin() < 12


def test_the_still_is_not_taken_from_a_dissolve_in_its_shot(tmp_path: Path) -> None:
    pictures = [*scenes([6.25]), *dissolve(0, 1, 5), *scenes([0, 6])]
    clip = write_clip(tmp_path / "a.mp4", pictures)
    still = render(clip, [6.25, 3.0, 9.0], 1.0)[-1]
    shown = np.asarray(Image.open(BytesIO(still.content))).astype(float)
    mean, whole = shown[24:].mean(axis=0), [scene(number)(0)[24:].mean(axis=0) for number in (0, 1)]
    assert min(np.abs(mean - each).mean() for each in whole) < 5


def test_only_the_files_asked_for_are_made(clip: Path) -> None:
    every = {each.name: each for each in render(clip, STARTS_S, 1.0)}
    some = render(clip, STARTS_S, 1.0, ["still", "webp"])
    assert some == [every["webp"], every["still"]]
    assert render(clip, STARTS_S, 1.0, ["gif"]) == [every["gif"]]


def test_a_still_has_no_other_formats(clip: Path) -> None:
    [made] = render(clip, (4.0,), 0.0)
    assert (made.name, made.media_type, made.width, made.height) == ("still", "image/jpeg", 64, 48)


def test_frames_at_hand_are_encoded_as_those_of_a_video() -> None:
    frames = np.stack([scene(0)(index) for index in range(6)] + [scene(1)(3)] * 6)
    made = {each.name: each for each in render_frames(frames)}
    assert list(made) == [*FORMATS, STILL]
    shown = frames_on_screen(made["gif"].content, 12, 8)
    assert np.abs(shown - frames.astype(float)).mean() < 12
    [still] = render_frames(frames, [STILL])
    assert still == made[STILL]
    near = np.asarray(Image.open(BytesIO(still.content))).astype(float)
    assert np.abs(frames - near).mean(axis=(1, 2, 3)).min() < 5
    [alone] = render_frames(frames[:1])
    assert (alone.name, alone.width, alone.height) == (STILL, 64, 48)


def test_settings_are_followed(clip: Path) -> None:
    small = replace(DEFAULT, box_width=32, box_height=32, frame_ms=100, formats=DEFAULT.formats[:1])
    gif, still = render(clip, STARTS_S, 1.0, settings=small)
    image = Image.open(BytesIO(gif.content))
    assert image.size == (still.width, still.height) == (32, 24)
    assert image.info["duration"] == 100
    tight = replace(small, formats=(replace(small.formats[0], budget_bytes=len(gif.content) - 1),))
    assert len(render(clip, STARTS_S, 1.0, settings=tight)[0].content) < len(gif.content)


@pytest.mark.parametrize(("length_s", "count"), [(1.0, 12), (0.5, 6), (0.08, 1), (0.01, 1)])
def test_frames_lie_within_their_shot(length_s: float, count: int) -> None:
    times_s = shot_times_s(length_s)
    assert len(times_s) == count
    assert max(times_s) < max(length_s, 0.01)
    assert np.diff(times_s) == pytest.approx(0.08)
