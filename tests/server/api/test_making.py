"""Videos brought, picked and deleted by programs."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from experiments.making import jobs
from experiments.models import Creative, Intake, Thumbnail, Video
from tests.clips import write_clip
from tests.experiments.world import make_video
from tests.server.console.tasks import noted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep files in the test's own folder, and note what is sent to workers."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")
    return noted(monkeypatch)


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/{address}", body, content_type="application/json")


def test_a_film_is_taken_for_a_check(admin_client: Client, sent: list[str], tmp_path: Path) -> None:
    write_clip(tmp_path / "walk.mp4", seconds=3)
    film = SimpleUploadedFile("walk.mp4", (tmp_path / "walk.mp4").read_bytes())
    answer = admin_client.post("/api/v1/uploads", {"file": film})
    assert answer.status_code == 202
    upload = answer.json()
    assert (upload["name"], upload["state"], upload["video"]) == ("walk.mp4", "checking", None)
    assert admin_client.get(f"/api/v1/uploads/{upload['key']}").json() == upload
    assert sent == ["make_thumbnails"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("page.html", b"<script>", "is no video's suffix"), ("zip.mp4", b"PK\x03\x04", "ZIP archive")],
)
def test_what_is_no_film_is_refused(
    admin_client: Client, name: str, content: bytes, said: str
) -> None:
    answer = admin_client.post("/api/v1/uploads", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_each_person_sees_their_own_uploads(admin_client: Client) -> None:
    other = Intake.objects.create(name="hers.mp4", size_bytes=9, who="ada")
    assert admin_client.get("/api/v1/uploads").json()["results"] == []
    assert admin_client.get(f"/api/v1/uploads/{other.key}").status_code == 404


def test_shots_are_picked_and_given_back(admin_client: Client, sent: list[str]) -> None:
    make_video("v")
    Thumbnail.objects.update(candidates=[[[1.0, 2.0, 3.0], 1.0]], shots_s=[1.0, 2.0, 3.0])
    Video.objects.update(file="videos/v.mp4", duration_s=60.0)
    picked = {"selector": "gevaden", "shots_s": [4.0, 5.0, 6.0]}
    assert post(admin_client, "videos/v/pick", picked).status_code == 200
    thumbnail = Thumbnail.objects.get(selector="gevaden")
    assert (thumbnail.shots_s, thumbnail.picked_by) == ([4.0, 5.0, 6.0], "admin")
    assert post(admin_client, "videos/v/pick", picked | {"shots_s": []}).status_code == 200
    assert Thumbnail.objects.get(selector="gevaden").picked_by == ""
    assert post(admin_client, "videos/v/pick", picked | {"selector": "x"}).status_code == 404
    assert len(sent) == 2


def test_a_creative_comes_and_goes(admin_client: Client) -> None:
    make_video("v")
    Image.new("RGB", (320, 180), "red").save(picture := BytesIO(), "PNG")
    file = SimpleUploadedFile("red.png", picture.getvalue())
    answer = admin_client.post("/api/v1/videos/v/creatives", {"name": "spring", "file": file})
    assert (answer.status_code, answer.json()["name"]) == (201, "spring")
    assert Creative.objects.get().video.slug == "v"
    assert admin_client.delete("/api/v1/videos/v/creatives/spring").status_code == 204
    assert not Creative.objects.exists()
    bad = {"name": "spring", "file": SimpleUploadedFile("x.png", b"text")}
    assert "file" in admin_client.post("/api/v1/videos/v/creatives", bad).json()


def test_a_failed_video_is_tried_again(admin_client: Client, sent: list[str]) -> None:
    Video.objects.create(
        slug="torn", title="t", file="videos/t.mp4", state="failed", error_code="x"
    )
    assert post(admin_client, "videos/torn/retry", {}).json()["state"] == "waiting"
    assert post(admin_client, "videos/torn/retry", {}).json()["state"] == "waiting"
    assert sent == ["make_thumbnails"]


def test_what_viewers_read_of_a_video_is_changed(admin_client: Client) -> None:
    make_video("v")
    said = {
        "channel": "Parks",
        "published_at": "2026-03-31T18:30:00+02:00",
        "why": "it was missing",
    }
    changed = admin_client.patch("/api/v1/videos/v", said, "application/json").json()
    assert (changed["title"], changed["channel"]) == ("V", "Parks")
    assert changed["published_at"] == "2026-03-31T16:30:00Z"
    entry = admin_client.get("/api/v1/audit?kind=video").json()["results"][0]
    assert (entry["act"], entry["why"], entry["after"]["channel"]) == (
        "describe", "it was missing", "Parks",
    )  # fmt: skip
    for wrong in ({"title": "x" * 201}, {"slug": "w"}, {"title": ""}):
        answer = admin_client.patch("/api/v1/videos/v", wrong, "application/json")
        assert (answer.status_code, list(answer.json())) == (400, list(wrong))


def test_a_video_is_deleted_with_a_reason(admin_client: Client) -> None:
    make_video("v")
    deleted = admin_client.delete("/api/v1/videos/v", {"why": "asked for"}, "application/json")
    assert deleted.status_code == 204
    assert not Video.objects.exists()
    (entry, *_) = admin_client.get("/api/v1/audit?kind=video").json()["results"]
    assert (entry["act"], entry["why"], entry["who"], entry["door"]) == (
        "delete", "asked for", "admin", "api",
    )  # fmt: skip


def test_the_making_is_read_and_steered(admin_client: Client, sent: list[str]) -> None:
    for number in range(3):
        Video.objects.create(slug=f"v{number}", title="t", file=f"v{number}.mp4", state="waiting")
    Video.objects.create(slug="torn", title="t", file="t.mp4", state="failed", error_code="x")
    read = admin_client.get("/api/v1/making").json()
    assert (read["counts"], read["unfinished"]) == ({"waiting": 3, "failed": 1}, 3)
    assert [(each["code"], each["videos"]) for each in read["failures"]] == [("x", 1)]
    post(admin_client, "videos/v2/prioritise", {"place": "first"})
    assert [video.slug for video in jobs.queue()] == ["v2", "v0", "v1"]
    assert post(admin_client, "making/pause", {}).json()["counts"] == {"stopped": 3, "failed": 1}
    assert post(admin_client, "making/resume", {}).json()["counts"] == {"waiting": 3, "failed": 1}
    assert post(admin_client, "making/retry", {}).json()["counts"] == {"waiting": 4}
    assert sent == ["make_thumbnails"] * 4
    assert post(admin_client, "videos/v1/prioritise", {"place": "x"}).status_code == 400


def test_a_thumbnail_that_shows_the_same_is_made_to_differ(admin_client: Client) -> None:
    make_video("v")
    Video.objects.update(file="videos/v.mp4", duration_s=60.0)
    shots = [[1.0, 9.0, 20.0], [3.0, 12.0, 30.0]]
    Thumbnail.objects.update(candidates=[[each, 1.0] for each in shots], shots_s=shots[0])
    post(admin_client, "videos/v/distinguish", {"selector": "gevaden"})
    assert Thumbnail.objects.get(selector="gevaden").shots_s == shots[1]
