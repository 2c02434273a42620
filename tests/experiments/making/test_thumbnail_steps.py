"""Thumbnails of real clips are made once, remade where something changed, and published whole."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core import serializers
from PIL import Image
from pytest_django import Settings

from experiments.making import child, thumbnail_steps
from experiments.models import Thumbnail, Video, VideoFrame
from tests.clips import write_clip
from tests.experiments.videos import add_video
from tests.experiments.world import SELECTORS
from tests.thumbnailer.features.published import described, publish, seeded_state
from thumbnailer import steps
from thumbnailer.errors import (
    CheckpointMismatchError,
    CheckpointMissingError,
    OtherFeaturesError,
    UnreadableVideoError,
)
from thumbnailer.features.store import unpack
from thumbnailer.results import Rendition
from thumbnailer.sandbox.client import sandbox
from thumbnailer.settings import AtHand, ExtractorSettings

pytestmark = pytest.mark.django_db
MakingStep = Video.MakingStep


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FEATURES_ROOT = tmp_path / "features"
    settings.SELECTORS = SELECTORS
    return tmp_path / "media"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    write_clip(path, seconds=14)
    return path


def steps_to_make(video: Video) -> list[str]:
    """Make the video's thumbnails and return the steps that it took."""
    steps: list[str] = []
    thumbnail_steps.make(Video.objects.get(pk=video.pk), lambda _, step: steps.append(step.value))
    return steps


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "made"


@pytest.fixture
def made(request: pytest.FixtureRequest, kept: Path, media: Path, settings: Settings) -> Video:
    """A video with its thumbnails: the first test that asks makes it, and all others copy that."""
    folders = {kept / "media": media, kept / "features": Path(settings.FEATURES_ROOT)}
    rows = kept / "rows.json"
    if rows.exists():
        for before, now in folders.items():
            shutil.copytree(before, now)
        for row in serializers.deserialize("json", rows.read_text()):
            row.save()
        return Video.objects.get()
    video = add_video(request.getfixturevalue("clip"))
    steps_to_make(video)
    for before, now in folders.items():
        shutil.copytree(now, before)
    models = (Video, VideoFrame, Thumbnail)
    of_all = [row for model in models for row in model._default_manager.all()]
    rows.write_text(serializers.serialize("json", of_all))
    return video


def check_renditions(thumbnail: Thumbnail, media: Path) -> None:
    names = [each["name"] for each in thumbnail.renditions]
    moving = list(thumbnail_steps.versions().encoders)
    assert moving[0] == "gif"
    assert names == (["still", "still-2x"] if thumbnail.selector == "raw" else moving)
    assert thumbnail.renditions[0]["file"] == thumbnail.file.name
    for each in thumbnail.renditions:
        content = (media / each["file"]).read_bytes()
        assert len(content) == each["size_bytes"]
        assert sha256(content).hexdigest()[:20] == Path(each["file"]).stem


def test_makes_one_thumbnail_a_selector(clip: Path, media: Path) -> None:
    video = add_video(clip)
    assert steps_to_make(video) == ["probe", "features", "select", "encode"]
    video.refresh_from_db()
    assert video.duration_s == pytest.approx(14, abs=0.2)
    made = {thumbnail.selector: thumbnail for thumbnail in video.thumbnails.all()}
    assert set(made) == set(SELECTORS)
    for selector, thumbnail in made.items():
        with Image.open(thumbnail.file.path) as image:
            assert (image.width, image.height) == (thumbnail.width, thumbnail.height)
            assert getattr(image, "n_frames", 1) > 1 or selector == "raw"
        check_renditions(thumbnail, media)
        assert thumbnail.shots_s in [shots_s for shots_s, *_ in thumbnail.candidates]


def test_an_arm_that_would_show_what_another_shows_gives_way(made: Video) -> None:
    show_by_hand(made, "re_seq2seq", as_chosen_by="gevaden")
    steps_to_make(made)
    first, second = (made.thumbnails.get(selector=name) for name in ("re_seq2seq", "gevaden"))
    assert sorted(second.candidates[0][0]) == sorted(first.shots_s) != sorted(second.shots_s)
    assert "as re_seq2seq shows the same shots" in second.note


def test_arms_that_show_the_same_shots_are_encoded_once_and_all_in_one_pass(
    made: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.thumbnails.filter(selector__in=["re_seq2seq", "gevaden"]).update(
        shots_s=[9, 3, 6], picked_by="ann"
    )
    made.thumbnails.filter(selector="raw").update(shots_s=[4])
    asked: list[tuple[float, list[tuple[float, ...]]]] = []

    def note(time_s: float, step: Any, *arguments: Any, **named: Any) -> Any:
        if step is steps.encode:
            asked.append((time_s, [each.starts_s for each in arguments[-1]]))
        return run(time_s, step, *arguments, **named)

    run = child.run_step
    monkeypatch.setattr(thumbnail_steps, "run_step", note)
    assert steps_to_make(made) == ["encode"]
    [(time_s, shots)] = asked
    assert sorted(shots) == [(4,), (9, 3, 6)]
    assert time_s == 2 * site.STEP_TIME_S
    files = {each.selector: each.file.name for each in made.thumbnails.all()}
    assert files["re_seq2seq"] == files["gevaden"] != files["raw"]


def show_by_hand(video: Video, selector: str, *, as_chosen_by: str) -> None:
    """Let a person pick for one selector what another chose, and the other choose again."""
    picked, other = (video.thumbnails.get(selector=each) for each in (selector, as_chosen_by))
    picked.shots_s, picked.picked_by = other.candidates[0][0], "ann"
    picked.save()
    other.model_version = "an older one"
    other.save()


def test_makes_nothing_twice(clip: Path) -> None:
    video = add_video(clip)
    steps_to_make(video)
    before = list(Thumbnail.objects.order_by("pk").values("pk", "file", "renditions"))
    assert steps_to_make(video) == []
    assert list(Thumbnail.objects.order_by("pk").values("pk", "file", "renditions")) == before


def test_another_model_that_chooses_the_same_shots_encodes_nothing(made: Video) -> None:
    Thumbnail.objects.filter(selector="raw").update(model_version="an older one")
    assert steps_to_make(made) == ["features", "select"]
    assert not Thumbnail.objects.filter(model_version="an older one").exists()


def test_other_shots_or_another_encoder_encode_that_thumbnail_again(made: Video) -> None:
    Thumbnail.objects.filter(selector="gevaden").update(
        model_version="an older one", shots_s=[0, 1, 2], frames_key="of those shots"
    )
    assert steps_to_make(made) == ["features", "select", "encode"]
    Thumbnail.objects.filter(selector="re_seq2seq").update(frames_key="of other shots")
    assert steps_to_make(made) == ["encode"]


def test_only_files_that_are_missing_or_another_encoders_are_made(
    made: Video, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a new format, or a new version of one, leaves all other files as they are."""
    thumbnail = Thumbnail.objects.get(selector="gevaden")
    before = {each["name"]: each for each in thumbnail.renditions}
    older = [
        {**each, "encoder": "older"} if each["name"] == "avif" else each
        for each in thumbnail.renditions
        if each["name"] != "webp"
    ]
    Thumbnail.objects.filter(pk=thumbnail.pk).update(renditions=older)
    asked: list[tuple[str, ...]] = []

    def note(time_s: float, step: Any, *arguments: Any, **named: Any) -> Any:
        if step is steps.encode:
            asked.extend(each.names for each in arguments[-1])
        return run(time_s, step, *arguments, **named)

    run = child.run_step
    monkeypatch.setattr(thumbnail_steps, "run_step", note)
    assert steps_to_make(made) == ["encode"]
    assert asked == [("webp", "avif")]
    thumbnail.refresh_from_db()
    assert [each["name"] for each in thumbnail.renditions] == list(before)
    assert {each["name"]: each for each in thumbnail.renditions} == before
    check_renditions(thumbnail, media)


def test_another_model_decodes_nothing_again(made: Video) -> None:
    """The features are kept by content: a file that can no longer be decoded is not missed."""
    Thumbnail.objects.filter(selector="raw").update(model_version="an older one")
    Video.objects.update(content_sha256=sha256(Path(made.file.path).read_bytes()).hexdigest())
    Path(made.file.path).write_bytes(b"gone")
    assert steps_to_make(made) == ["features", "select"]


def test_a_selector_that_reads_faces_has_them_looked_for(made: Video, settings: Settings) -> None:
    """A site without one is spared that; a later one has its videos decoded once more."""
    [kept] = Path(settings.FEATURES_ROOT).rglob("*-*")
    assert not unpack(kept.read_bytes()[32:]).has_cues
    settings.SELECTORS = (*SELECTORS, "appeal")
    assert steps_to_make(made) == ["features", "select", "encode"]
    assert len(unpack(kept.read_bytes()[32:]).faces) == 14
    assert made.thumbnails.count() == 4


def test_shots_picked_by_hand_survive_another_model(made: Video) -> None:
    gevaden = Thumbnail.objects.filter(selector="gevaden")
    before = gevaden.get()
    gevaden.update(model_version="older", shots_s=[9, 3, 6], picked_by="ann", candidates=[])
    assert steps_to_make(made) == ["features", "select", "encode"]
    after = gevaden.get()
    assert (after.shots_s, after.picked_by) == ([9, 3, 6], "ann")
    assert (after.model_version, after.candidates) == (before.model_version, before.candidates)
    assert after.file.name != before.file.name
    assert steps_to_make(made) == []


def test_the_first_frame_is_that_of_the_gif_that_is_shown(
    tmp_path: Path, settings: Settings
) -> None:
    """Also where GEVADEN gives way to an equal arm, and where a person picks its shots."""
    settings.SELECTORS = ("re_seq2seq", "gevaden", "first_frame")
    write_clip(tmp_path / "clip.mp4", seconds=16)
    video = add_video(tmp_path / "clip.mp4")
    steps_to_make(video)
    show_by_hand(video, "re_seq2seq", as_chosen_by="gevaden")
    steps_to_make(video)
    gif, still = (video.thumbnails.get(selector=name) for name in settings.SELECTORS[1:])
    assert "shows candidate" in gif.note
    assert still.shots_s == gif.shots_s[:1]
    gif.shots_s, gif.picked_by = [7.0, 2.0, 4.0], "ann"
    gif.save()
    assert steps_to_make(video) == ["encode"]
    still.refresh_from_db()
    assert still.shots_s == [7.0]
    still.shots_s, still.picked_by = [3.0], "ann"
    still.save()
    steps_to_make(video)
    still.refresh_from_db()
    assert still.shots_s == [3.0]


def test_an_error_names_the_video_as_people_know_it(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp4"
    path.write_text("Dear reader, this is not a video.")
    video = add_video(path, original_name="/home/ann/a letter.mp4")
    with pytest.raises(UnreadableVideoError, match=r"^letter \(/home/ann/a letter.mp4\) is no"):
        steps_to_make(video)
    assert not video.thumbnails.exists()


def test_nothing_is_published_unless_all_is_made(clip: Path, monkeypatch: Any) -> None:
    video = add_video(clip)
    calls = []

    def fails_at_the_third(rendition: Rendition, encoder: str) -> Any:
        calls.append(rendition.name)
        if calls.count("still") == 3:
            raise OSError(28, "No space left on device")
        return stored(rendition, encoder)

    stored = thumbnail_steps.stored
    monkeypatch.setattr(thumbnail_steps, "stored", fails_at_the_third)
    with pytest.raises(OSError, match="No space left"):
        steps_to_make(video)
    assert not Thumbnail.objects.exists()
    monkeypatch.undo()
    steps_to_make(video)
    assert Thumbnail.objects.count() == 3


def test_another_intro_selects_again_and_decodes_nothing(made: Video, settings: Settings) -> None:
    settings.SKIP_INTRO, settings.SKIP_OUTRO = (5.0, 0.0), (0.0, 0.25)
    steps = steps_to_make(made)
    assert steps[:2] == ["features", "select"]  # the features are found kept
    assert set(steps[2:]) <= {"encode"}
    for thumbnail in made.thumbnails.all():
        shots = [start_s for starts_s, *_ in thumbnail.candidates for start_s in starts_s]
        assert min(shots) >= 5
        assert max(shots) <= 14 * 0.75
    assert steps_to_make(made) == []


@pytest.fixture
def kinetics(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A site that uses the 3D-ResNet-50, with made-up weights in the published layout."""
    weights = described(publish(seeded_state(), tmp_path / "r3d50.pth"))
    settings.EXTRACTOR, settings.EXTRACTOR_WEIGHTS = "3d-resnet-50", str(weights)
    settings.SELECTORS = ("raw", "uniform", "hecate")
    yield weights
    sandbox(AtHand(ExtractorSettings("3d-resnet-50", str(weights)))).close()


def test_another_extractor_is_used_from_end_to_end(
    kinetics: Path, clip: Path, settings: Settings
) -> None:
    video = add_video(clip)
    assert steps_to_make(video)[:3] == ["probe", "features", "select"]
    [kept] = Path(settings.FEATURES_ROOT).rglob("*-*")
    assert unpack(kept.read_bytes()[32:]).features.shape == (14, 2048)
    assert {each.selector for each in video.thumbnails.all()} == set(settings.SELECTORS)
    by_kinetics = thumbnail_steps.versions().selection
    settings.SELECTORS = ("raw", "gevaden")
    with pytest.raises(OtherFeaturesError, match="with this one beautthumb, hecate, random, raw"):
        steps_to_make(video)
    settings.EXTRACTOR, settings.EXTRACTOR_WEIGHTS = "efficientnet-lite0", ""
    assert thumbnail_steps.versions().selection != by_kinetics
    assert steps_to_make(video)[:2] == ["features", "select"]
    assert len(list(Path(settings.FEATURES_ROOT).rglob("*-*"))) == 2


def test_weights_that_are_missing_or_wrong_are_named(
    kinetics: Path, clip: Path, settings: Settings, tmp_path: Path
) -> None:
    video = add_video(clip)
    settings.EXTRACTOR_WEIGHTS = str(tmp_path / "nothing.pth")
    with pytest.raises(CheckpointMissingError, match=r"nothing\.pth is missing: put the published"):
        steps_to_make(video)
    settings.EXTRACTOR_WEIGHTS = str(tmp_path / "wrong.pth")
    Path(settings.EXTRACTOR_WEIGHTS).write_bytes(kinetics.read_bytes()[:-9])
    described(Path(settings.EXTRACTOR_WEIGHTS))
    with pytest.raises(CheckpointMismatchError, match="is no published 3D-ResNet-50"):
        steps_to_make(video)
    assert not video.thumbnails.exists()
