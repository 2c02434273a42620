"""Only what nobody refers to and is old is deleted."""

import os
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from experiments.making.files import keep
from experiments.models import Creative, Thumbnail, Video
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
DAY_S = 86_400


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(media: Path, folder: str, content: bytes, *, days: float) -> str:
    name = keep(folder, content, ".gif")
    written_s = time.time() - days * DAY_S
    os.utime(media / name, (written_s, written_s))
    return name


def files(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def test_what_is_old_and_unnamed_is_deleted_and_nothing_else(
    media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {
        what: stored(media, folder, what.encode(), days=days)
        for what, folder, days in (
            ("shown", "thumbnails", 30),
            ("rendition", "thumbnails", 30),
            ("storyboard", "strips", 30),
            ("young", "thumbnails", 6),
            ("video", "videos", 30),
            ("old", "thumbnails", 8),
            ("old storyboard", "strips", 8),
            ("creative", "private/creatives", 30),
            ("old creative", "private/creatives", 8),
        )
    }
    video = make_video("a", selectors=("raw",))
    renditions = [{"name": "gif", "file": names["rendition"]}]
    Thumbnail.objects.update(file=names["shown"], renditions=renditions)
    Video.objects.filter(pk=video.pk).update(storyboard={"file": names["storyboard"]})
    Creative.objects.create(video=video, name="spring", file=names["creative"], size_bytes=1)
    call_command("delete_unused_files")
    assert files(media) == set(names.values())
    call_command("delete_unused_files", "--delete")
    assert set(names.values()) - files(media) == {
        names[what] for what in ("old", "old storyboard", "old creative")
    }
    assert "3 files unused" in (said := capsys.readouterr().out)
    assert "3 files deleted" in said


def test_an_old_file_that_is_wanted_again_is_young_again(media: Path) -> None:
    name = stored(media, "thumbnails", b"moving", days=30)
    keep("thumbnails", b"moving", ".gif")  # by a video being made, which has not named it yet
    call_command("delete_unused_files", "--delete")
    assert files(media) == {name}


def test_an_age_within_which_videos_are_made_is_refused() -> None:
    with pytest.raises(CommandError, match="must be at least 1"):
        call_command("delete_unused_files", "--older-than-days", "0.1")


def test_an_empty_storage_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("delete_unused_files")
    assert "0 files unused" in capsys.readouterr().out
