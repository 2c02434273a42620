"""The console shows how far the making is, lets failures be tried again, and shots be picked."""

import pytest
from django.test import Client

from experiments.making import jobs
from experiments.models import Video
from tests.server.console.tasks import noted

pytestmark = pytest.mark.django_db
State = Video.State


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return noted(monkeypatch)


@pytest.fixture
def console(admin_client: Client) -> Client:
    return admin_client


def failed(slug: str) -> Video:
    return Video.objects.create(
        slug=slug, title=slug, file="x.mp4", state=State.FAILED, attempts=4, step="features",
        error_code="crashed", error_message=f"{slug}.mp4: features crashed",
    )  # fmt: skip


def page(client: Client, address: str = "/console/making/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_staff_may_look(client: Client) -> None:
    for address in ("/console/making/",):
        assert client.get(address).status_code == 302
    assert client.post("/console/making/act/", {"act": "stop"}).status_code == 403


def test_progress_and_failures_with_their_reasons(console: Client) -> None:
    failed("bikes")
    Video.objects.create(slug="next", title="next", state=State.WAITING)
    shown = page(console)
    assert "<strong>1</strong> video still to be made" in shown
    assert "<code>crashed</code> bikes.mp4: features crashed" in shown
    assert "<td>features</td>" in shown


def test_videos_with_a_file_are_found_by_title_or_slug(console: Client) -> None:
    for slug, title, file in (("a-1", "Blue sky", "a.mp4"), ("b-2", "Red sea", "b.mp4")):
        Video.objects.create(slug=slug, title=title, file=file)
    Video.objects.create(slug="c-3", title="Blue without a file")

    everything = page(console)
    by_title, by_slug = (
        page(console, "/console/making/?q=BLUE"),
        page(console, "/console/making/?q=b-2"),
    )

    assert ["Blue sky" in everything, "Red sea" in everything] == [True, True]
    assert "Blue without a file" not in everything + by_title
    assert ["Blue sky" in by_title, "Red sea" in by_title] == [True, False]
    assert 'href="/console/videos/b-2/"' in by_slug
    assert "Blue sky" not in by_slug
    assert "No video is called like that." in page(console, "/console/making/?q=nothing")


def test_one_failure_or_all_are_tried_again(console: Client, sent: list[str]) -> None:
    for slug in ("a", "b", "c"):
        failed(slug)
    console.post("/console/making/act/", {"act": "retry", "video": "b"})
    assert list(Video.objects.filter(state=State.WAITING).values_list("slug", flat=True)) == ["b"]
    answer = console.post("/console/making/act/", {"act": "retry"}, follow=True)
    assert "2 videos queued again" in answer.content.decode()
    assert sent == ["make_thumbnails"] * 3
    assert jobs.progress().counts == {"waiting": 3}


def test_a_run_is_stopped_and_resumed(console: Client, sent: list[str]) -> None:
    Video.objects.create(slug="next", title="next", state=State.WAITING)
    assert (
        "1 videos taken out"
        in console.post("/console/making/act/", {"act": "stop"}, follow=True).content.decode()
    )
    assert jobs.progress().unfinished == 0
    console.post("/console/making/act/", {"act": "resume"})
    assert (jobs.progress().unfinished, sent) == (1, ["make_thumbnails"])
    unknown = console.post("/console/making/act/", {"act": "dance"}, follow=True)
    assert "must be stop, resume or retry" in unknown.content.decode()
