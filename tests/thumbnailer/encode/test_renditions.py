"""All formats of a thumbnail come from one cut, in the order chosen."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.thumbnailer.clips import dissolve, scene, scenes, write_clip
from tests.thumbnailer.encode.likeness import frames_on_screen
from thumbnailer.encode import renditions
from thumbnailer.encode.cutting import Moments, cut_shots
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.renditions import render, render_all, render_frames, shot_times_s
from thumbnailer.encode.settings import DEFAULT, EncoderSettings
from thumbnailer.results import STILL, Part, Rendition, Wanted, twice
from thumbnailer.settings import PictureSettings

STARTS_S = (6.0, 0.0, 3.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "a.mp4", scenes([3, 3, 3]))


def shown_frames(clip: Path) -> NDArray[np.float64]:
    """The (36, H, W, 3) frames of the three shots."""
    times_s = [[start_s + each for each in shot_times_s(1.0)] for start_s in STARTS_S]
    with cut_shots(clip, [Moments(times_s)], DEFAULT) as cut:
        shots = cut.of(0).frames
    return shots.reshape(-1, *shots.shape[2:]).astype(float)


def named(made: list[Rendition]) -> dict[str, Rendition]:
    return {each.name: each for each in made}


def picture(file: Rendition) -> NDArray[np.float64]:
    return np.asarray(Image.open(BytesIO(file.content)).convert("RGB")).astype(float)


def test_every_format_shows_the_same_frames(clip: Path) -> None:
    frames = shown_frames(clip)
    made = render(clip, STARTS_S, 1.0)
    assert {each.name for each in made} == {*FORMATS, STILL, twice("avif"), twice(STILL)}
    for each in (each for each in made if not each.name.startswith(STILL)):
        shown = frames_on_screen(each.content, 36, DEFAULT.frame_ms // 10)
        assert (each.height, each.width) == shown.shape[1:3]
        assert np.abs(shown - frames).mean() < 6, each.name
        wrong = frames[np.roll(np.arange(36), 12)]
        assert np.abs(shown - wrong).mean() > 20, each.name


def test_the_still_is_a_frame_of_the_first_shot_where_that_has_no_fault(clip: Path) -> None:
    frames = shown_frames(clip)
    shown = picture(named(render(clip, STARTS_S, 1.0))[STILL])
    assert np.abs(frames - shown).mean(axis=(1, 2, 3)).argmin() < 12


def test_the_still_is_not_taken_from_a_dissolve_in_its_shot(tmp_path: Path) -> None:
    pictures = [*scenes([6.25]), *dissolve(0, 1, 5), *scenes([0, 6])]
    clip = write_clip(tmp_path / "a.mp4", pictures)
    shown = picture(named(render(clip, [6.25, 3.0, 9.0], 1.0))[STILL])
    mean, whole = shown[24:].mean(axis=0), [scene(number)(0)[24:].mean(axis=0) for number in (0, 1)]
    assert min(np.abs(mean - each).mean() for each in whole) < 5


def test_only_the_files_asked_for_are_made(clip: Path) -> None:
    every = {each.name: each for each in render(clip, STARTS_S, 1.0)}
    some = render(clip, STARTS_S, 1.0, ["still", "webp"])
    assert some == [every["webp"], every["still"]]
    assert render(clip, STARTS_S, 1.0, ["gif"]) == [every["gif"]]


def test_files_of_several_thumbnails_are_those_of_each_alone(large_clip: Path) -> None:
    names = ("webp", twice("avif"), STILL)
    wanted = [
        Wanted((1.0, 0.5), 1.0, names),
        Wanted((1.25,), 0.0, (STILL,)),
        Wanted((0.5, 0.0, 1.5), 0.5, names),
    ]
    alone = [render(large_clip, each.starts_s, each.shot_length_s, each.names) for each in wanted]
    assert render_all(large_clip, wanted) == alone


def test_a_still_has_no_other_formats(clip: Path) -> None:
    made, wide = render(clip, (4.0,), 0.0)
    assert wide == replace(made, name=twice(STILL))  # the film has no more pixels
    assert (made.name, made.media_type, made.width, made.height) == ("still", "image/jpeg", 64, 48)


def test_frames_at_hand_are_encoded_as_those_of_a_video() -> None:
    frames = np.stack([scene(0)(index) for index in range(6)] + [scene(1)(3)] * 6)
    made = {each.name: each for each in render_frames(frames)}
    assert made.keys() == DEFAULT.digests.keys()
    shown = frames_on_screen(made["gif"].content, 12, 8)
    assert np.abs(shown - frames.astype(float)).mean() < 12
    [still] = render_frames(frames, [STILL])
    assert still == made[STILL]
    near = np.asarray(Image.open(BytesIO(still.content))).astype(float)
    assert np.abs(frames - near).mean(axis=(1, 2, 3)).min() < 5
    alone, wide = render_frames(frames[:1])
    assert wide == replace(alone, name=twice(STILL))
    assert (alone.name, alone.width, alone.height) == (STILL, 64, 48)


def test_large_frames_at_hand_are_halved_but_for_the_files_twice_as_wide() -> None:
    large = np.stack([scene(0, width=640, height=360)(index) for index in range(4)])
    sizes = {each.name: (each.width, each.height) for each in render_frames(large)}
    assert sizes[STILL] == sizes["gif"] == (320, 180)
    assert sizes[twice(STILL)] == (640, 360)
    alone, wide = render_frames(large[:1])
    assert [(each.width, each.height) for each in (alone, wide)] == [(320, 180), (640, 360)]


def test_settings_are_followed(clip: Path) -> None:
    small = replace(DEFAULT, box=(32, 32), frame_ms=100, formats=DEFAULT.formats[:1], wide=())
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


@pytest.fixture(scope="module")
def large_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = [
        scene(number, width=640, height=360)(index) for number in range(3) for index in range(15)
    ]
    return write_clip(tmp_path_factory.mktemp("clips") / "large.mp4", pictures, fps=15)


def test_a_film_with_the_pixels_has_files_twice_as_wide(large_clip: Path) -> None:
    names = ["avif", twice("avif"), STILL, twice(STILL)]
    made = named(render(large_clip, (0.0, 1.0, 2.0), 1.0, names))
    assert {(made[name].width, made[name].height) for name in names[::2]} == {(320, 180)}
    assert {(made[name].width, made[name].height) for name in names[1::2]} == {(640, 360)}
    large = picture(made[twice(STILL)]).reshape(180, 2, 320, 2, 3).mean(axis=(1, 3))
    assert np.abs(large - picture(made[STILL])).mean() < 8  # JPEG's of noise
    plain = EncoderSettings.of(PictureSettings(wide=False))
    assert {
        each.width for each in render(large_clip, (0.0,), 1.0, ["gif", STILL], settings=plain)
    } == {320}


def test_only_the_film_between_its_bars_is_shown(tmp_path: Path) -> None:
    pictures = []
    for frame in scenes([2]):
        framed = np.zeros((72, 160, 3), np.uint8)
        framed[12:60, 48:112] = frame
        pictures.append(framed)
    clip = write_clip(tmp_path / "a.mp4", pictures)
    part = Part(48 / 160, 12 / 72, 112 / 160, 60 / 72)
    shown = picture(render(clip, (0.5,), 0.0, [STILL], part=part)[0])
    assert shown.shape == (48, 64, 3)
    assert np.abs(shown - pictures[6][12:60, 48:112]).mean() < 6


def test_a_portrait_film_is_as_large_as_others_and_fills_the_card_where_asked(
    tmp_path: Path,
) -> None:
    pictures = [scene(4, width=360, height=640)(index) for index in range(15)]
    clip = write_clip(tmp_path / "a.mp4", pictures, fps=15)
    own = named(render(clip, (0.0,), 0.0))
    assert [(each.width, each.height) for each in own.values()] == [(180, 320), (360, 640)]
    card = EncoderSettings.of(PictureSettings(shape="16:9"))
    cut = named(render(clip, (0.0,), 0.0, settings=card))
    assert [(each.width, each.height) for each in cut.values()] == [(320, 180)] * 2


def test_a_preview_has_the_films_own_frame_rate(large_clip: Path) -> None:
    settings = EncoderSettings.of(PictureSettings(previews=("mp4",)))
    [made] = render(large_clip, (0.0, 1.0, 2.0), 1.0, ["preview-mp4"], settings=settings)
    with av.open(BytesIO(made.content), "r") as film:
        assert film.streams.video[0].average_rate == 15
        assert len(list(film.decode(video=0))) == 45
    assert (made.media_type, made.width, made.height) == ("video/mp4", 640, 360)


def test_previews_come_from_the_same_pass_and_are_those_made_alone(
    large_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = EncoderSettings.of(PictureSettings(previews=("mp4",)))
    wanted = [
        Wanted((0.0, 1.0, 2.0), 1.0, ("gif", "preview-mp4")),
        Wanted((1.0,), 0.0, (STILL, "preview-mp4")),  # a still has none
        Wanted((2.0, 0.0, 1.0), 1.0, ("preview-mp4",)),
    ]
    alone = [render_all(large_clip, [each], settings=settings)[0] for each in wanted]
    passes: list[Path] = []

    def cut_and_count(path: Path, *others: Any) -> Any:
        passes.append(path)
        return cut_shots(path, *others)

    monkeypatch.setattr(renditions, "cut_shots", cut_and_count)
    assert render_all(large_clip, wanted, settings=settings) == alone
    assert passes == [large_clip]
    assert [[each.name for each in made] for made in alone] == [
        ["gif", "preview-mp4"],
        [STILL],
        ["preview-mp4"],
    ]
