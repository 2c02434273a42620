"""Thumbnails of real clips are made once and published whole; what fails says why."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files import File
from PIL import Image
from pytest_django import Settings

from experiments import candidates
from experiments.models import Thumbnail, Video
from tests.clips import write_clip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def add_video(path: Path) -> Video:
    video = Video(slug=path.stem, title=path.stem, state=Video.State.WAITING)
    with path.open("rb") as file:
        video.file.save(path.name, File(file), save=False)
    video.save()
    return video


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    write_clip(path, seconds=14)
    return path


def check_renditions(thumbnail: Thumbnail, media: Path) -> None:
    names = [each["name"] for each in thumbnail.renditions]
    moving = ["gif", "webp", "avif", "mp4", "still"]
    assert names == (["still"] if thumbnail.selector == "raw" else moving)
    assert thumbnail.renditions[0]["file"] == thumbnail.file.name
    for each in thumbnail.renditions:
        content = (media / each["file"]).read_bytes()
        assert len(content) == each["size_bytes"]
        assert sha256(content).hexdigest()[:20] == Path(each["file"]).stem


def test_makes_one_thumbnail_a_selector(clip: Path, media: Path) -> None:
    video = add_video(clip)
    candidates.make(video.pk)
    video.refresh_from_db()
    assert (video.state, video.error_code, video.attempts) == (Video.State.READY, "", 0)
    assert video.duration_s == pytest.approx(14, abs=0.2)
    made = {thumbnail.selector: thumbnail for thumbnail in video.thumbnails.all()}
    assert set(made) == set(candidates.SELECTORS)
    for selector, thumbnail in made.items():
        with Image.open(thumbnail.file.path) as image:
            assert (image.width, image.height) == (thumbnail.width, thumbnail.height)
            assert getattr(image, "n_frames", 1) > 1 or selector == "raw"
        assert thumbnail.size_bytes == Path(thumbnail.file.path).stat().st_size
        check_renditions(thumbnail, media)
        assert thumbnail.candidates[0][0] == thumbnail.shots_s


def test_makes_nothing_twice(clip: Path) -> None:
    video = add_video(clip)
    candidates.make(video.pk)
    before = list(Thumbnail.objects.values_list("pk", "file", "made_at"))
    candidates.make(video.pk)
    Video.objects.update(state=Video.State.WAITING)
    candidates.make(video.pk)
    assert list(Thumbnail.objects.values_list("pk", "file", "made_at")) == before


def test_makes_only_what_another_model_version_changed(clip: Path) -> None:
    video = add_video(clip)
    candidates.make(video.pk)
    before = dict(Thumbnail.objects.values_list("selector", "made_at"))
    Thumbnail.objects.filter(selector="raw").update(model_version="an older one")
    Video.objects.update(state=Video.State.WAITING)
    candidates.make(video.pk)
    after = dict(Thumbnail.objects.values_list("selector", "made_at"))
    assert {name for name in after if after[name] != before[name]} == {"raw"}
    assert not Thumbnail.objects.filter(model_version="an older one").exists()


def test_a_file_that_is_no_video_fails_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp4"
    path.write_text("Dear reader, this is not a video.")
    video = add_video(path)
    candidates.make(video.pk)
    video.refresh_from_db()
    assert (video.state, video.error_code) == (Video.State.FAILED, "unreadable")
    assert video.error_message
    assert not video.thumbnails.exists()


def test_a_file_that_ends_its_worker_is_given_up(clip: Path) -> None:
    video = add_video(clip)
    Video.objects.update(state=Video.State.MAKING, attempts=candidates.MAX_ATTEMPTS)
    candidates.make(video.pk)
    video.refresh_from_db()
    assert (video.state, video.error_code) == (Video.State.FAILED, candidates.LOST)


def test_a_fault_of_ours_is_noted_and_raised(clip: Path) -> None:
    """The file vanishes from the storage between the task's sending and its running."""
    video = add_video(clip)
    Video.objects.update(file="")
    with pytest.raises(ValueError, match="no file"):
        candidates.make(video.pk)
    video.refresh_from_db()
    assert (video.state, video.error_code) == (Video.State.FAILED, candidates.UNEXPECTED)


def test_a_video_that_is_gone_or_done_is_left_alone(clip: Path) -> None:
    candidates.make(10**9)
    video = add_video(clip)
    Video.objects.update(state=Video.State.READY)
    candidates.make(video.pk)
    assert not video.thumbnails.exists()
