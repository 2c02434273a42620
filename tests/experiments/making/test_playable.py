"""Films that browsers play, made by the workers of whatever came."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from experiments.making import playable
from experiments.making.media_list import media_names
from experiments.models import Video
from tests.clips import write_clip
from tests.experiments.videos import add_video

pytestmark = pytest.mark.django_db
READY = Video.State.READY


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def add(path: Path) -> Video:
    """Add a video whose thumbnails are made."""
    write_clip(path, seconds=2)
    video = add_video(path)
    Video.objects.update(state=READY, duration_s=2.0)
    return video


def test_each_film_that_browsers_do_not_play_gets_another_once(tmp_path: Path) -> None:
    other, played = add(tmp_path / "one.avi"), add(tmp_path / "two.webm")
    assert playable.make_next()
    other.refresh_from_db()
    assert other.playable is not None
    made = other.playable["file"]
    assert made.startswith("playable/one")
    assert default_storage.size(made) > 1000
    assert made in media_names()
    assert playable.make_next()
    played.refresh_from_db()
    assert played.playable == {}
    assert not playable.make_next()


def test_thumbnails_go_first(tmp_path: Path) -> None:
    add(tmp_path / "one.avi")
    write_clip(tmp_path / "two.mp4", seconds=2)
    add_video(tmp_path / "two.mp4")
    assert not playable.make_next()


def test_what_cannot_be_made_is_said_and_not_tried_again(tmp_path: Path) -> None:
    video = add(tmp_path / "one.avi")
    Path(video.file.path).write_text("torn")
    assert playable.make_next()
    video.refresh_from_db()
    assert video.playable is not None
    assert "one (" in video.playable["error"]
    assert not playable.make_next()
