"""Pictures that people bring become thumbnails, in the sandbox, or a reason beside them."""

from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from experiments.equal_arms import equal_arms
from experiments.making import creative_steps, creatives, jobs, thumbnail_steps
from experiments.models import PUBLISHER, Creative, Thumbnail, Video
from tests.clips import write_clip
from tests.experiments import pictures
from tests.experiments.videos import add_video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.FEATURES_ROOT = tmp_path / "media", tmp_path / "features"
    settings.SELECTORS = ("raw",)


@pytest.fixture
def entry() -> Video:
    """An entry of a catalogue, without a file."""
    return Video.objects.create(slug="bikes", title="Bikes")


def thumbnail(video: Video, name: str) -> Thumbnail:
    return Thumbnail.objects.get(video=video, selector=name)


def test_a_picture_and_a_gif_become_thumbnails_in_the_sites_formats(entry: Video) -> None:
    creatives.bring(entry, PUBLISHER, pictures.still("navy"))
    creatives.bring(entry, "spring", pictures.moving(size=(600, 600)))
    assert jobs.work() is None
    image, gif = thumbnail(entry, PUBLISHER), thumbnail(entry, "spring")
    assert (image.media_type, image.width, image.height) == ("image/jpeg", 320, 180)
    assert (image.shot_length_s, image.is_stand_in, image.note) == (0, False, "")
    with Image.open(image.file.path) as shown:
        assert shown.getpixel((160, 90))[2] > 100  # type: ignore[index]  # navy
    assert [each["name"] for each in gif.renditions] == list(thumbnail_steps.versions().encoders)
    assert gif.shot_length_s == pytest.approx(1.0, abs=0.05)
    assert gif.note.startswith("44% of its height is cut off")
    entry.refresh_from_db()
    assert entry.state == "catalogued"  # as before: there is no file of it


def test_what_was_made_is_not_made_again(entry: Video) -> None:
    creatives.bring(entry, "spring", pictures.still())
    steps: list[str] = []
    for _ in range(2):
        creative_steps.make(entry, lambda _, step: steps.append(step.value))
    assert steps == ["encode"]
    assert not creative_steps.unmade(entry).exists()


def test_a_frame_stands_in_until_the_publishers_image_comes(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", seconds=8)
    video = add_video(tmp_path / "clip.mp4")
    jobs.work()
    assert thumbnail(video, PUBLISHER).is_stand_in
    creative = creatives.bring(video, PUBLISHER, pictures.still("navy"))
    jobs.work()
    shown = thumbnail(video, PUBLISHER)
    assert (shown.creative, shown.shots_s, shown.candidates) == (creative, [], [])
    jobs.work()
    assert thumbnail(video, PUBLISHER).file == shown.file
    creatives.remove(creative)
    jobs.work()
    assert thumbnail(video, PUBLISHER).is_stand_in
    assert Video.objects.get().state == "ready"


def test_what_cannot_be_used_is_told_beside_it_and_the_others_go_on(entry: Video) -> None:
    creatives.bring(entry, "broken", pictures.damaged("Cover 1.png"))
    creatives.bring(entry, "spring", pictures.still())
    assert jobs.work() is None
    broken = Creative.objects.get(name="broken")
    assert broken.error_code == "decode_failed"
    assert broken.error_message.startswith("Cover 1.png is damaged")
    assert set(entry.thumbnails.values_list("selector", flat=True)) == {"spring"}
    entry.refresh_from_db()
    assert (entry.state, entry.error_code) == ("catalogued", "")


def test_a_damaged_file_in_its_place_takes_the_old_picture_away(entry: Video) -> None:
    creatives.bring(entry, "spring", pictures.still())
    jobs.work()
    creatives.bring(entry, "spring", pictures.damaged())
    jobs.work()
    assert not entry.thumbnails.exists()


def test_what_is_brought_meanwhile_is_made_next(
    entry: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    creatives.bring(entry, "spring", pictures.still("navy"))
    make = creative_steps.make

    def making(video: Video, enter: creative_steps.Enter) -> None:
        make(video, enter)
        if not Creative.objects.filter(name="summer").exists():
            creatives.bring(Video.objects.get(pk=video.pk), "summer", pictures.still())

    monkeypatch.setattr(creative_steps, "make", making)
    assert jobs.work() == jobs.Sequel()
    assert not entry.thumbnails.filter(selector="summer").exists()
    assert jobs.work() is None
    assert entry.thumbnails.filter(selector="summer").exists()


def test_what_is_taken_away_meanwhile_is_not_published(
    entry: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    creative = creatives.bring(entry, "spring", pictures.still())
    run = thumbnail_steps.creative

    def removing(path: Path, names: list[str]) -> object:
        creatives.remove(Creative.objects.get(pk=creative.pk))
        return run(path, names)

    monkeypatch.setattr(thumbnail_steps, "creative", removing)
    assert jobs.work() is None
    assert not entry.thumbnails.exists()


def test_another_encoder_makes_it_again(entry: Video) -> None:
    creatives.bring(entry, "spring", pictures.moving())
    jobs.work()
    assert jobs.renew_outdated() == (0, 0)
    Thumbnail.objects.update(renditions=thumbnail(entry, "spring").renditions[1:])
    assert jobs.renew_outdated() == (1, 0)
    jobs.work()
    assert thumbnail(entry, "spring").renditions[0]["name"] == "gif"


def test_two_creatives_are_equal_where_they_are_the_same_file() -> None:
    experiment = make_experiment(videos=1)
    video = experiment.videos.get()
    for name, colour in (("spring", "navy"), ("summer", "teal"), ("autumn", "navy")):
        creatives.bring(video, name, pictures.still(colour))
    creative_steps.make(video, lambda *_: None)
    for index, name in enumerate(("spring", "summer", "autumn")):
        experiment.arms.filter(index=index).update(selector=name)
    assert [each.arms for each in equal_arms(experiment)] == [("raw", "gevaden")]


def test_a_video_without_creatives_costs_no_step() -> None:
    creative_steps.make(make_video("a"), lambda *_: pytest.fail("no step"))
