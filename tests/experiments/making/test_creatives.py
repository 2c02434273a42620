"""The door of pictures that people bring: what it takes, what it refuses, what stays as it is."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from experiments.choice import Choice
from experiments.errors import InvalidValuesError, StateError
from experiments.making import creatives
from experiments.models import PUBLISHER, AuditEntry, Creative, Experiment, Thumbnail, Video
from experiments.serving import lifecycle
from experiments.serving.decision import Shipment, ship, take_back
from tests.experiments import pictures
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def video() -> Video:
    return make_video("bikes")


def test_a_file_is_kept_as_it_was_brought_and_its_video_queued(video: Video, media: Path) -> None:
    brought = pictures.still(name="Spring cover.png")
    creative = creatives.bring(video, "spring", brought)
    creative.refresh_from_db()
    brought.seek(0)
    kept = Path(creative.file.path)
    assert kept.read_bytes() == brought.read()
    assert kept.relative_to(media).parts[0] == "private"
    assert kept.suffix == ""
    assert creative.original_name == "Spring cover.png"
    assert creative.size_bytes == brought.size
    video.refresh_from_db()
    assert (video.state, video.urgency) == ("waiting", Video.Urgency.PERSON)


def test_another_file_takes_the_place_of_the_first(video: Video) -> None:
    first = creatives.bring(video, "spring", pictures.damaged())
    Creative.objects.update(error_code="decode_failed", error_message="it is damaged")
    creatives.bring(video, "spring", pictures.still())
    [creative] = Creative.objects.all()
    assert creative.pk == first.pk
    assert (creative.error_code, creative.error_message) == ("", "")
    assert creative.content_sha256 != first.content_sha256


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "must be 1 to 40 of a to z"),
        ("two words", "'two words', must be 1 to 40"),
        ("../up", "must be 1 to 40"),
        ("a" * 41, "must be 1 to 40"),
        ("gevaden", "'gevaden' is a selector's: choose another"),
        ("old_selector", "is a selector's"),
    ],
)
def test_a_name_that_cannot_be_is_refused(video: Video, name: str, said: str) -> None:
    make_video("old", selectors=("old_selector",))
    with pytest.raises(InvalidValuesError, match=said) as caught:
        creatives.bring(video, name, pictures.still())
    assert set(caught.value.problems) == {"name"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cover.png is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture that is taken"),
        (b"<!doctype html>", "export it as JPEG, PNG, GIF, WebP, AVIF, or a short clip"),
        (b"RIFF\0\0\0\0AVI ", "is no picture that is taken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(creatives.MAX_BYTES), "has 20.0 MB, must have at most 20 MB"),
    ],
)
def test_a_file_that_cannot_be_is_refused(video: Video, content: bytes, said: str) -> None:
    with pytest.raises(InvalidValuesError, match=said) as caught:
        creatives.bring(video, "spring", ContentFile(content, "cover.png"))
    assert set(caught.value.problems) == {"file"}
    assert not Creative.objects.exists()
    video.refresh_from_db()
    assert video.state == "ready"


@pytest.mark.parametrize("state", Experiment.LIVE_STATES)
def test_what_a_live_experiment_shows_does_not_change(state: Experiment.State) -> None:
    experiment = make_experiment(videos=2)
    Experiment.objects.update(state=state)
    video = experiment.videos.get(slug="pilot-0")
    with pytest.raises(StateError, match=r"pilot shows raw of pilot-0 now.*end it first"):
        creatives.bring(video, PUBLISHER, pictures.still())
    creatives.bring(video, "spring", pictures.still())  # no arm shows it
    creatives.bring(make_video("other"), PUBLISHER, pictures.still())


def test_what_a_live_experiment_shows_is_not_taken_away() -> None:
    experiment = make_experiment(videos=1)
    video = experiment.videos.get()
    creative = creatives.bring(video, "spring", pictures.still())
    experiment.arms.filter(index=2).update(selector="spring")
    with pytest.raises(StateError, match="pilot shows spring"):
        creatives.remove(creative)
    experiment.arms.filter(index=2).update(selector="gevaden")
    creatives.remove(creative)
    assert not Creative.objects.exists()
    acts = AuditEntry.objects.order_by("pk").values_list("subject", "act", "before", "after")
    file = {"as": "spring", "file": "cover.png"}
    assert list(acts) == [
        ("pilot-0", "bring a picture", {}, file),
        ("pilot-0", "take a picture away", file, {}),
    ]


def test_what_is_shipped_to_everybody_may_be_changed_and_what_is_measured_may_not() -> None:
    experiment = make_experiment(videos=2)
    video, other = experiment.videos.order_by("pk")
    lifecycle.end(experiment)
    ship(experiment, Shipment(Choice.ARM, "gevaden", holdback=0.1))
    with pytest.raises(StateError, match="pilot shipped raw, and measures it against those who"):
        creatives.bring(video, PUBLISHER, pictures.still())
    take_back(experiment)
    picked = Shipment(Choice.MAP, "gevaden", pictures={video.pk: "raw"}, holdback=0.0)
    ship(experiment, picked)
    creatives.bring(video, PUBLISHER, pictures.still())
    assert creatives.measured_by(other) == {}


def test_without_the_publishers_image_a_frame_is_asked_to_stand_in(video: Video) -> None:
    creative = creatives.bring(video, PUBLISHER, pictures.still())
    Thumbnail.objects.filter(video=video, selector=PUBLISHER).update(creative=creative)
    Video.objects.update(state="ready")
    creatives.remove(creative)
    assert not video.thumbnails.filter(selector=PUBLISHER).exists()
    video.refresh_from_db()
    assert video.state == "waiting"


def test_a_video_being_made_stays_with_its_worker(video: Video) -> None:
    Video.objects.update(state="making", attempts=2)
    creatives.bring(video, "spring", pictures.still())
    video.refresh_from_db()
    assert video.state == "making"
