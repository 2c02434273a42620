"""The page that changes what viewers read of a video."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from experiments.models import AuditEntry, Video
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
ADDRESS = "/console/videos/v/describe/"


def test_a_person_changes_what_viewers_read(console: Client) -> None:
    make_video("v")
    said = {"title": "Walks", "channel": "Parks", "published_at": "2026-03-31T16:30", "why": "new"}
    assert console.post(ADDRESS, said).headers["Location"] == "/console/videos/v/"
    video = Video.objects.get()
    assert (video.title, video.channel) == ("Walks", "Parks")
    assert video.published_at == datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    entry = AuditEntry.objects.get(kind="video")
    assert (entry.act, entry.before["title"], entry.why) == ("describe", "V", "new")
    shown = console.get(ADDRESS).content.decode()
    assert 'value="2026-03-31T16:30"' in shown
    assert "<dd>Parks</dd>" in console.get("/console/videos/v/").content.decode()


def test_what_cannot_be_is_said_beside_its_field(console: Client) -> None:
    make_video("v")
    answer = console.post(ADDRESS, {"title": "", "published_at": "soon"})
    shown = answer.content.decode()
    assert "This field is required." in shown
    assert "Enter a valid date/time." in shown
    assert Video.objects.get().title == "V"
