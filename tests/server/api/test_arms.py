"""The arms' door: the pictures of the videos that a page shows."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.events.clock import now_ms
from experiments.events.ingest import signer
from experiments.serving import feed
from experiments.surface import Surface
from tests.experiments.world import BROWSER, make_experiment, make_video

pytestmark = pytest.mark.django_db


def ask(asked: object, **headers: str) -> Any:
    body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    return Client(headers=headers).post("/embed/arms", body, content_type="text/plain")


def test_each_video_is_answered_in_the_order_of_the_page(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_experiment(simulated="by dice")
    make_video("alone")
    feed.refresh()
    asked = {"viewer": "ann", "videos": ["pilot-2", "gone", "alone", "pilot-0"], "position": 10}
    with django_assert_num_queries(0):
        answer = ask(asked)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    page = answer.json()
    assert (page["viewer"], page["simulated"]) == ("ann", "by dice")
    assert [(slot["video"]["slug"], slot["position"]) for slot in page["slots"]] == [
        ("pilot-2", 10), ("alone", 12), ("pilot-0", 13),
    ]  # fmt: skip
    assert [slot["token"] is None for slot in page["slots"]] == [False, True, False]


def test_a_viewer_has_one_arm_at_every_door() -> None:
    make_experiment(videos=20)
    by_feed = {slot.video.slug: slot.arm for slot in feed.slots("ann").slots}
    by_page = ask({"viewer": "ann", "videos": list(by_feed)}).json()["slots"]
    assert {slot["video"]["slug"]: slot["arm"] for slot in by_page} == by_feed
    assert len(set(by_feed.values())) == 3


def test_its_tokens_count_as_events() -> None:
    make_experiment()
    (slot,) = ask({"viewer": "ann", "videos": ["pilot-1"]}).json()["slots"]
    body = json.dumps({"events": [{"token": slot["token"], "step": "click"}]})
    client = Client(headers={"user-agent": BROWSER})
    assert client.post("/embed/events", body, "text/plain").json()["accepted"] == 1


def test_pictures_beside_a_video_are_told_apart() -> None:
    make_experiment()
    asked = {"viewer": "ann", "videos": ["pilot-1"], "surface": "related"}
    (slot,) = ask(asked).json()["slots"]
    assert signer().verify(slot["token"], now_ms()).surface is Surface.RELATED
    assert "surface" in ask(asked | {"surface": "sky"}).json()["error"]


def test_who_asks_not_to_be_tracked_is_no_data() -> None:
    make_experiment()
    slots = ask({"viewer": "ann", "videos": ["pilot-1"]}, **{"sec-gpc": "1"}).json()["slots"]
    assert [slot["token"] for slot in slots] == [None]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (b"{", "the body cannot be read"),
        (b"\xff", "the body cannot be read"),
        ({}, "missing required field `videos`"),
        ({"viewer": "", "videos": []}, "viewer and user are empty: give one"),
        ({"viewer": "a" * 201, "videos": []}, "length <= 200"),
        ({"viewer": "a", "videos": ["v"] * 501}, "length <= 500"),
        ({"viewer": "a", "videos": ["v" * 101]}, "length <= 100"),
        ({"viewer": "a", "videos": [1]}, "Expected `str`"),
        ({"viewer": "a", "videos": [], "position": -1}, ">= 0"),
        (b" " * 1_000_001, "at most 1000000 bytes"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: object, said: str) -> None:
    answer = ask(asked)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_only_post_is_taken() -> None:
    assert Client().get("/embed/arms").status_code == 405
