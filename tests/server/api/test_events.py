"""The beacon's door: what comes in how, and what is answered."""

import gzip
import json

import pytest
from django.db import OperationalError
from django.test import Client

from experiments.events import ingest
from experiments.models import Event, Rejection
from experiments.serving import feed
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(headers={"user-agent": BROWSER}, raise_request_exception=False)


@pytest.fixture
def body() -> bytes:
    make_experiment()
    events = [{"token": slot.token, "step": "viewable"} for slot in feed.slots("ann").slots]
    return json.dumps({"events": events}).encode()


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/plain;charset=UTF-8"])
def test_takes_json_however_it_is_called(browser: Client, body: bytes, kind: str) -> None:
    answer = browser.post("/api/events", body, content_type=kind)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)
    assert Event.objects.count() == 3


def test_takes_gzip(browser: Client, body: bytes) -> None:
    answer = browser.post("/api/events", gzip.compress(body), content_type="text/plain",
                          headers={"content-encoding": "gzip"})  # fmt: skip
    assert answer.json() == {"accepted": 3, "duplicate": 0, "rejected": {}}


def test_a_mixed_batch_is_accepted_and_a_bad_one_refused(browser: Client, body: bytes) -> None:
    good = json.loads(body)["events"][0]
    bad = {"token": good["token"][:20], "step": "viewable"}
    mixed = browser.post("/api/events", {"events": [good, bad]}, content_type="application/json")
    assert (mixed.status_code, mixed.json()["rejected"]) == (200, {"truncated": 1})
    refused = browser.post("/api/events", {"events": [bad]}, content_type="application/json")
    assert (refused.status_code, refused.json()["accepted"]) == (400, 0)


@pytest.mark.parametrize(
    ("sent", "encoding", "status", "reason"),
    [
        (b"{", "identity", 400, "malformed"),
        (b"not gzip", "gzip", 400, "malformed"),
        (b"{}", "br", 400, "encoding"),
        (b" " * 1_000_001, "identity", 413, "too_large"),
        (b" " * 10_000_000, "identity", 413, "too_large"),
        (gzip.compress(b" " * 50_000_000), "gzip", 413, "too_large"),
        (b'{"events": [' + b"1," * 400_000 + b"1]}", "identity", 413, "too_many"),
    ],
)
def test_bodies_that_cannot_be_taken(
    browser: Client, sent: bytes, encoding: str, status: int, reason: str
) -> None:
    answer = browser.post("/api/events", sent, content_type="text/plain",
                          headers={"content-encoding": encoding})  # fmt: skip
    assert answer.status_code == status
    assert answer.json()["rejected"] == {reason: 1}
    assert answer.json()["error"]
    assert Rejection.objects.get().reason == reason


def test_only_post(browser: Client) -> None:
    assert browser.get("/api/events").status_code == 405


def test_without_the_database_nothing_is_acknowledged(
    browser: Client, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(ingest, "store", away)
    answer = browser.post("/api/events", body, content_type="text/plain")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "accepted" not in answer.json()
