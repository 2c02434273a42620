"""Videos and thumbnails in the console."""

import pytest
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
    listing = "/console/experiments/video/"
    assert "unreadable: no video" in console.get(listing).content.decode()
    failed = console.get(listing, {"state__exact": "failed"}).content.decode()
    assert "Torn" in failed
    assert "Fine" not in failed


def test_a_video_shows_its_pictures_and_none_can_be_added_by_hand(console: Client) -> None:
    thumbnail = picture(Video.objects.create(slug="v", title="Bikes"), "gevaden")
    page = console.get(f"/console/experiments/video/{thumbnail.video.pk}/change/").content.decode()
    assert f'<img src="{thumbnail.file.url}" width="160" height="90"' in page
    assert console.get("/console/experiments/thumbnail/add/").status_code == 403
    listing = console.get("/console/experiments/thumbnail/").content.decode()
    assert thumbnail.file.url in listing
