"""Videos and thumbnails in the console."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from experiments.models import Thumbnail, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(admin_client: Client) -> Client:
    return admin_client


def picture(video: Video, selector: str) -> Thumbnail:
    return Thumbnail.objects.create(
        video=video,
        selector=selector,
        model_version="1",
        file=f"thumbnails/{video.slug}-{selector}.gif",
        media_type="image/gif",
        size_bytes=10,
        width=320,
        height=180,
        shots_s=[1.0],
        candidates=[],
    )


def test_a_failed_video_shows_its_error_in_the_list(console: Client) -> None:
    Video.objects.create(
        slug="torn", title="Torn", state="failed", error_code="unreadable", error_message="no video"
    )
    Video.objects.create(slug="fine", title="Fine")
    listing = "/console/admin/experiments/video/"
    assert "unreadable: no video" in console.get(listing).content.decode()
    failed = console.get(listing, {"state__exact": "failed"}).content.decode()
    assert "Torn" in failed
    assert "Fine" not in failed


def test_a_video_shows_its_pictures_and_none_can_be_added_by_hand(console: Client) -> None:
    thumbnail = picture(Video.objects.create(slug="v", title="Bikes"), "gevaden")
    page = console.get(
        f"/console/admin/experiments/video/{thumbnail.video.pk}/change/"
    ).content.decode()
    assert f'<img src="{thumbnail.file.url}" width="160" height="90"' in page
    assert console.get("/console/admin/experiments/thumbnail/add/").status_code == 403
    listing = console.get("/console/admin/experiments/thumbnail/").content.decode()
    assert thumbnail.file.url in listing


ADD = "/console/admin/experiments/video/add/"
NO_PICTURES = {"thumbnails-TOTAL_FORMS": 0, "thumbnails-INITIAL_FORMS": 0}


def add(console: Client, slug: str, name: str, content: bytes) -> str:
    """Send the console's form with a file, and return the page that it answers with."""
    form = {"title": slug, "slug": slug, "urgency": 1, "file": SimpleUploadedFile(name, content)}
    return console.post(ADD, form | NO_PICTURES, follow=True).content.decode()


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "videos"


@pytest.mark.parametrize("name", ["page.html", "drawing.SVG", "code.js", "film.mp4.php", "film"])
def test_what_is_no_video_is_not_taken(console: Client, media: Path, name: str) -> None:
    assert f"{name} is not taken: " in add(console, "page", name, b"<script>alert(1)</script>")
    assert not Video.objects.exists()
    assert not media.exists()


def test_two_films_of_one_name_are_two_films(console: Client, media: Path) -> None:
    for slug in ("one", "two"):
        add(console, slug, "film.MP4", slug.encode())
    for video in Video.objects.all():
        assert Path(video.file.path).read_bytes() == video.slug.encode()
        assert video.file.name == f"videos/{video.content_sha256[:20]}.mp4"
        assert (video.original_name, video.state) == ("film.MP4", Video.State.WAITING)
    assert len(list(media.iterdir())) == 2


def test_one_film_is_one_video(console: Client, media: Path) -> None:
    add(console, "one", "film.mp4", b"film")
    assert "is the film of one already" in add(console, "two", "other.mp4", b"film")
    assert Video.objects.count() == 1


def test_the_film_of_a_video_is_never_replaced(console: Client, media: Path) -> None:
    add(console, "one", "film.mp4", b"film")
    video = Video.objects.get()
    address = f"/console/admin/experiments/video/{video.pk}/change/"
    other = {"title": "One", "slug": "one", "urgency": 1,
             "file": SimpleUploadedFile("film.mp4", b"another")}  # fmt: skip
    console.post(address, other | NO_PICTURES)
    video.refresh_from_db()
    assert (video.title, Path(video.file.path).read_bytes()) == ("One", b"film")
