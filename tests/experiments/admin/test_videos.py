"""Videos and thumbnails in the tables for repairs."""

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


def test_no_video_comes_or_goes_past_the_consoles_rules(console: Client) -> None:
    video = picture(Video.objects.create(slug="v", title="Bikes"), "gevaden").video
    page = f"/console/admin/experiments/video/{video.pk}"
    assert console.get("/console/admin/experiments/video/add/").status_code == 403
    assert console.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    form = {"title": "Wheels", "slug": "other", "urgency": 1, "thumbnails-TOTAL_FORMS": 0,
            "thumbnails-INITIAL_FORMS": 0}  # fmt: skip
    assert console.post(f"{page}/change/", form).status_code == 302
    video.refresh_from_db()
    assert (video.title, video.slug) == ("Wheels", "v")
