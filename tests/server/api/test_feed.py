"""The feed's door."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from experiments.models import Experiment
from experiments.serving import feed
from experiments.serving.feed_state import MAX_AGE_S, FeedState
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_answers_with_slots(client: Client) -> None:
    make_experiment(simulated="by dice")
    answer = client.get("/api/feed?viewer=ann&count=2")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.json()
    assert (page["viewer"], page["simulated"], len(page["slots"])) == ("ann", "by dice", 2)
    slot = page["slots"][0]
    assert set(slot) == {"position", "token", "experiment", "arm", "video", "thumbnail"}
    assert set(slot["video"]) == {"slug", "title", "duration_s", "channel", "published_at"}
    assert set(slot["thumbnail"]) == {
        "url", "media_type", "width", "height", "srcset", "sources", "video_url", "still_url",
        "still_srcset", "previews",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "status", "message"),
    [
        ({}, 400, "viewer has 0 characters"),
        ({"viewer": "x" * 201}, 400, "viewer has 201 characters"),
        ({"viewer": "a", "count": "0"}, 400, "count == 0, must be from 1 to 100"),
        ({"viewer": "a", "count": "-1"}, 400, "count == '-1', must be a whole number"),
        ({"viewer": "a", "page": "9" * 5000}, 400, "must be a whole number"),
        ({"viewer": "a", "arm": "²"}, 400, "must be a whole number"),
        ({"viewer": "a", "arm": "3"}, 404, "arm == 3, must be one of"),
        ({"viewer": "a", "experiment": "x"}, 404, "experiment == 'x', must be one that runs"),
    ],
)
def test_refuses_what_cannot_be_meant(
    client: Client, parameters: dict[str, str], status: int, message: str
) -> None:
    make_experiment()
    answer = client.get("/api/feed", parameters)
    assert answer.status_code == status
    assert message in answer.json()["error"]


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_tracked_is_no_data(
    client: Client, header: str, settings: Settings
) -> None:
    make_experiment()
    page = client.get("/api/feed", {"viewer": "ann"}, headers={header: "1"}).json()
    assert {slot["token"] for slot in page["slots"]} == {None}
    settings.HONOUR_DO_NOT_TRACK = False
    page = client.get("/api/feed", {"viewer": "ann"}, headers={header: "1"}).json()
    assert None not in {slot["token"] for slot in page["slots"]}


@pytest.mark.parametrize("viewer", ["a\0b", "\ud800", "é" * 100, "%00", "' OR 1=1"])
def test_any_text_is_a_viewer(client: Client, viewer: str) -> None:
    make_experiment(videos=1)
    sent = viewer.encode(errors="surrogatepass").decode("latin-1")
    assert client.get("/api/feed", {"viewer": sent}).status_code == 200


@pytest.mark.parametrize("quiet_s", [MAX_AGE_S + 0.001, 20.0])
def test_a_start_and_an_end_are_answered_in_time(
    client: Client, monkeypatch: pytest.MonkeyPatch, quiet_s: float
) -> None:
    """Also by the first request after a quiet time."""
    now_s = [0.0]
    monkeypatch.setattr(feed, "state", FeedState(lambda: now_s[0]))
    address = "/api/feed?viewer=ann&experiment=pilot"
    assert client.get(address).status_code == 404
    experiment = make_experiment()
    now_s[0] += quiet_s
    assert None not in {slot["token"] for slot in client.get(address).json()["slots"]}
    experiment.state, experiment.ended_at = Experiment.State.ENDED, experiment.started_at
    experiment.save()
    now_s[0] += quiet_s
    assert client.get(address).status_code == 410
    slots = client.get("/api/feed?viewer=ann").json()["slots"]
    assert {slot["token"] for slot in slots} == {None}


def test_without_the_database_an_old_picture_is_not_served(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_experiment()
    now_s = [0.0]
    monkeypatch.setattr(feed, "state", FeedState(lambda: now_s[0]))
    address = "/api/feed?viewer=ann&experiment=pilot"
    assert client.get(address).status_code == 200

    def refuse(*_: object) -> None:
        raise OperationalError("the connection is closed")

    now_s[0] += MAX_AGE_S + 0.001
    with connection.execute_wrapper(refuse):
        answer = client.get(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
