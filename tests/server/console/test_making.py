"""The console shows how far the making is and why it failed, and what waits is put in order."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.making import jobs
from experiments.making.progress import progress
from experiments.models import Video
from tests.server.console.tasks import noted

pytestmark = pytest.mark.django_db
State = Video.State


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return noted(monkeypatch)


@pytest.fixture
def console(console: Client) -> Client:
    return console


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
    Video.objects.create(slug="next", title="Next one", state=State.WAITING)
    shown = page(console)
    assert "1 video still to be made" in shown
    assert "bikes.mp4: features crashed" in shown
    assert '<a href="/console/videos/next/" dir="auto">Next one</a>' in shown
    part = page(console, "/console/making/part/")
    assert 'hx-trigger="every 2s"' in part
    assert "bikes.mp4: features crashed" in part
    Video.objects.update(state=State.READY, error_code="")
    assert "Nothing is waiting" in (calm := page(console, "/console/making/part/"))
    assert 'hx-trigger="every 10s"' in calm


def test_failures_of_one_reason_are_listed_and_tried_again(
    console: Client, sent: list[str]
) -> None:
    for slug in ("a", "b", "c"):
        failed(slug)
    Video.objects.filter(slug="c").update(error_code="time_limit", error_message="c took too long")
    one = page(console, "/console/making/?code=time_limit")
    table = one.partition('id="failed"')[2]
    assert "c took too long" in table
    assert "a.mp4: features crashed" not in table
    answer = act(console, act="retry", code="crashed", step="features")
    assert "Tried again: 2 videos." in answer
    assert progress().counts == {"waiting": 2, "failed": 1}
    assert sent == ["make_thumbnails"] * 2
    assert "Tried again: 0 videos." in act(console, act="retry", code="crashed", step="probe")


def act(console: Client, **fields: str) -> str:
    return console.post("/console/making/act/", fields, follow=True).content.decode()


def test_one_failure_or_all_are_tried_again(console: Client, sent: list[str]) -> None:
    for slug in ("a", "b", "c"):
        failed(slug)
    act(console, act="retry", video="b")
    assert list(Video.objects.filter(state=State.WAITING).values_list("slug", flat=True)) == ["b"]
    assert "Tried again: 2 videos." in act(console, act="retry")
    assert sent == ["make_thumbnails"] * 3
    assert progress().counts == {"waiting": 3}


def test_what_waits_changes_its_place(console: Client) -> None:
    for slug in ("a", "b", "c"):
        Video.objects.create(slug=slug, title=slug, state=State.WAITING)
    assert "Made before all else: 1 video." in act(console, act="first", video="c")
    assert "Made behind all else: 1 video." in act(console, act="last", video="a")
    assert [video.slug for video in jobs.queue()] == ["c", "b", "a"]
    assert "a person waits" in page(console)


def test_a_run_is_paused_and_goes_on(console: Client, sent: list[str]) -> None:
    Video.objects.create(slug="next", title="next", state=State.WAITING)
    assert "Paused: 1 video wait until you go on" in act(console, act="pause")
    assert progress().unfinished == 0
    act(console, act="go on")
    assert (progress().unfinished, sent) == (1, ["make_thumbnails"])
    assert "must be pause, go on, retry, first, last" in act(console, act="dance")


def test_few_queries_however_many_there_are(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    states = (State.WAITING, State.FAILED)
    Video.objects.bulk_create(
        Video(slug=f"v{number}", title="v", state=states[number % 2],
              error_code=f"code_{number % 6}" if number % 2 else "")
        for number in range(400)
    )  # fmt: skip
    with django_assert_max_num_queries(10):
        page(console)
    with django_assert_max_num_queries(6):
        page(console, "/console/making/part/")
