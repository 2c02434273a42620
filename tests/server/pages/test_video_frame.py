"""A picture by its address: made once, led to, refused where there can be none."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from experiments import tasks
from experiments.models import VideoFrame
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
ADDRESS = "/watch/pilot-0/320/5.jpg"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that a worker is told of; there is none here."""
    found: list[int] = []
    monkeypatch.setattr(tasks.make_frame, "delay", found.append)
    video = make_experiment(videos=1).videos.get()
    video.file, video.duration_s = "videos/a.mp4", 12.5
    video.save()
    return found


def test_a_new_picture_is_made_and_the_next_who_asks_is_led_to_it(
    client: Client, asked: list[int]
) -> None:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(ADDRESS).status_code == 503
    assert asked == [VideoFrame.objects.get().pk]  # once
    VideoFrame.objects.update(file="frames/a.jpg")
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/media/frames/a.jpg")
    assert answer.headers["Cache-Control"] == "max-age=3600"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "address",
    ["/watch/pilot-0/321/5.jpg", "/watch/pilot-0/320/13.jpg", "/watch/hidden/320/5.jpg"],
)
def test_what_there_cannot_be_leaves_no_trace(
    client: Client, asked: list[int], settings: Settings, address: str
) -> None:
    settings.PUBLIC_REPORTS = False
    make_video("hidden")
    assert client.get(address).status_code == 404
    assert not VideoFrame.objects.exists()
    assert not asked


def test_who_asks_for_everything_is_told_to_wait(
    client: Client, asked: list[int], settings: Settings
) -> None:
    settings.FRAMES_A_MINUTE = 3
    answers = [client.get(f"/watch/pilot-0/640/{second}.jpg") for second in range(6)]
    assert [answer.headers["Retry-After"] for answer in answers] == ["2"] * 3 + ["60"] * 3
    assert (VideoFrame.objects.count(), len(asked)) == (3, 3)


def test_a_picture_that_cannot_be_made_is_not_found(client: Client, asked: list[int]) -> None:
    client.get(ADDRESS)
    VideoFrame.objects.update(error_message="pilot-0 is damaged")
    assert client.get(ADDRESS).status_code == 404
    assert len(asked) == 1


def test_one_that_is_there_costs_few_queries_and_no_write(
    client: Client, asked: list[int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(ADDRESS)
    VideoFrame.objects.update(file="frames/a.jpg")
    with django_assert_num_queries(2) as seen:
        client.get(ADDRESS)
    statements: list[Any] = [query["sql"] for query in seen.captured_queries]
    assert all(each.startswith("SELECT") for each in statements)
