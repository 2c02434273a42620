"""A file of either storage appears whole or not at all, and may be cached forever."""

import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.config import Config
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer

from experiments.making import jobs, unused_files
from experiments.making.files import keep, local_copy
from experiments.making.video_import import take_in
from experiments.models import Video
from server.bucket import BucketStorage
from server.env import bucket_storage
from server.storage import AtomicFileStorage
from tests.clips import write_clip
from tests.full_disk import no_file_over


def test_a_name_is_kept_and_its_file_replaced(tmp_path: Path) -> None:
    storage = AtomicFileStorage(location=tmp_path)
    assert [storage.save("a/b.gif", ContentFile(text)) for text in (b"one", b"two")] == [
        "a/b.gif", "a/b.gif",
    ]  # fmt: skip
    assert (tmp_path / "a/b.gif").read_bytes() == b"two"
    assert (tmp_path / "a/b.gif").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(tmp_path: Path) -> None:
    storage = AtomicFileStorage(location=tmp_path)
    storage.save("a/b.gif", ContentFile(b"old"))
    with no_file_over(10_000), pytest.raises(OSError, match="File too large"):
        storage.save("a/b.gif", ContentFile(bytes(50_000)))
    with no_file_over(10_000), pytest.raises(OSError, match="File too large"):
        storage.save("a/new.gif", ContentFile(bytes(50_000)))
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.gif"]
    assert (tmp_path / "a/b.gif").read_bytes() == b"old"


def test_a_bucket_serves_files_that_may_be_cached_forever(bucket: ThreadedMotoServer) -> None:
    name = keep("thumbnails", b"moving", ".avif")
    assert keep("thumbnails", b"moving", ".avif") == name
    assert default_storage.exists(name)
    with urllib.request.urlopen(default_storage.url(name), timeout=10) as answer:
        assert answer.read() == b"moving"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "image/avif"


def test_a_bucket_is_never_told_that_a_file_is_a_page(bucket: ThreadedMotoServer) -> None:
    name = keep("videos", b"<script>alert(1)</script>", ".html")
    with urllib.request.urlopen(default_storage.url(name), timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"


@pytest.mark.django_db
def test_files_of_a_bucket_that_nobody_names_are_listed_and_deleted(
    bucket: ThreadedMotoServer,
) -> None:
    names = {keep(folder, folder.encode(), ".gif") for folder in ("thumbnails", "strips", "videos")}
    unnamed = set(unused_files.unused_files(timedelta(0)))
    assert unnamed == {name for name in names if not name.startswith("videos")}
    for name in [*unnamed, "thumbnails/never.gif"]:
        unused_files.delete(name)
    assert {name for name in names if default_storage.exists(name)} == names - unnamed
    with pytest.raises(FileNotFoundError, match=r"the bucket has no thumbnails/never\.gif"):
        default_storage.get_modified_time("thumbnails/never.gif")


@pytest.mark.django_db
def test_a_video_in_a_bucket_is_made_from_a_copy(
    bucket: ThreadedMotoServer, settings: Any, tmp_path: Path
) -> None:
    settings.FEATURES_ROOT = tmp_path / "features"
    write_clip(tmp_path / "clip.mp4", seconds=8)
    video = take_in(tmp_path / "clip.mp4", {})
    with local_copy(video.file) as copy:
        assert copy.read_bytes() == (tmp_path / "clip.mp4").read_bytes()
    assert not copy.exists()
    assert jobs.work() is None
    video.refresh_from_db()
    assert video.state == Video.State.READY
    for thumbnail in video.thumbnails.all():
        for each in thumbnail.renditions:
            with urllib.request.urlopen(default_storage.url(each["file"]), timeout=10) as answer:
                assert len(answer.read()) == each["size_bytes"]


def test_a_bucket_that_is_away_may_come_back_and_one_that_refuses_will_not(
    bucket: ThreadedMotoServer, settings: Any
) -> None:
    refusing = BucketStorage(**{**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "other"})
    with pytest.raises(PermissionError, match="the bucket refuses"):
        refusing.save("a.gif", ContentFile(b"x"))
    bucket.stop()
    settings.STORAGES["default"]["OPTIONS"]["client_config"] = Config(retries={"max_attempts": 0})
    away = BucketStorage(**settings.STORAGES["default"]["OPTIONS"])
    with pytest.raises(ConnectionError, match="cannot be reached"):
        away.exists("a.gif")


@pytest.mark.parametrize("url", ["ftp://host", "host", "https:///path"])
def test_a_wrong_address_of_a_bucket_is_named(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="must look like https://host/path"):
        bucket_storage("media", endpoint_url=url, public_url="")


def test_viewers_may_be_sent_elsewhere() -> None:
    options = bucket_storage("media", endpoint_url="https://s3", public_url="https://cdn/x/")
    storage = BucketStorage(**cast("dict[str, Any]", options["OPTIONS"]))
    assert storage.url("thumbnails/a b.gif") == "https://cdn/x/thumbnails/a%20b.gif"
