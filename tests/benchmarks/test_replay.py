"""Two hours of the pilot's traffic at 20 times its speed, from clients that misbehave.

They send twice, out of order and in pieces, hang up before they hear the answer, and send again
later, as a beacon with a queue does. Counts must equal the generator's to the last event.
"""

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.own_site import OwnSite, own_site, request

pytestmark = pytest.mark.benchmark
PILOT_IMPRESSIONS_A_S = 105.5e6 / (30 * 86_400)
SPEED, SPAN_S, CLIENTS, PAGE = 20, 7_200 / 20, 8, 30
PAGES = int(PILOT_IMPRESSIONS_A_S * SPEED * SPAN_S / PAGE)
COUNT = """
import django
django.setup()
from django.core.management import call_command
call_command("rollup")
call_command("check_counts")
"""
Event = tuple[str, str]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnSite]:
    with own_site(tmp_path / "postgres") as running:
        running.start_server()
        yield running


class Client(threading.Thread):
    """One source of page views; what it knows to have sent is the truth to compare with."""

    def __init__(self, site: OwnSite, number: int) -> None:
        super().__init__()
        self._site, self._number = site, number
        self._random = random.Random(number)  # noqa: S311  no secret
        self.events: set[Event] = set()
        self.told: Counter[str] = Counter()
        self.failed: Exception | None = None

    def run(self) -> None:
        started = time.monotonic()
        try:
            for page in range(PAGES // CLIENTS):
                self._visit(f"{self._number}-{page}")
                due = started + (page + 1) * SPAN_S / (PAGES // CLIENTS)
                time.sleep(max(due - time.monotonic(), 0))
        except Exception as error:  # noqa: BLE001  told to the test by `failed`
            self.failed = error

    def _visit(self, viewer: str) -> None:
        path = f"/api/feed?viewer={viewer}&count={PAGE}"
        slots = self._insist("GET", path, b"")["slots"]
        events = [(slot["token"], "viewable") for slot in slots]
        events += [(slot["token"], "click") for slot in slots if self._random.random() < 0.063]
        self.events |= set(events)
        events += self._random.sample(events, 3)  # twice
        self._random.shuffle(events)  # clicks before their impressions
        cut = self._random.randrange(len(events))
        for part in (events[:cut], events[cut:]):
            self._send(part)
            if self._random.random() < 0.1:  # the answer was lost: all of it again
                self._send(part)

    def _send(self, events: list[Event]) -> None:
        if not events:
            return
        body = json.dumps({"events": [{"token": t, "step": s} for t, s in events]}).encode()
        if self._random.random() < 0.1:
            self._hang_up(body)
        told = self._insist("POST", "/api/events", body)
        assert told["accepted"] + told["duplicate"] == len(events)
        self.told += Counter(accepted=told["accepted"], duplicate=told["duplicate"])

    def _hang_up(self, body: bytes) -> None:
        """Send a request, perhaps not whole, and go without waiting for the answer."""
        head = (
            f"POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        sent = (head.encode() + body)[: self._random.choice([200, None])]
        with socket.create_connection(("127.0.0.1", self._site.port)) as connection:
            connection.sendall(sent)

    def _insist(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        for _ in range(100):
            status, answer = request(self._site.port, method, path, body)
            if status == 200:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{method} {path[:20]} was not answered")


def test_counts_equal_the_generators(site: OwnSite, capsys: pytest.CaptureFixture[str]) -> None:
    clients = [Client(site, number) for number in range(CLIENTS)]
    started = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
        assert client.failed is None
    took_s = time.monotonic() - started
    sent = Counter(step for client in clients for _, step in client.events)
    site.python("-c", COUNT)
    ((views, clicks),) = site.query("SELECT sum(views), sum(clicks) FROM experiments_daycount")
    told = sum((client.told for client in clients), Counter[str]())
    with capsys.disabled():
        print(
            f"\nreplay: {sent['viewable']} views and {sent['click']} clicks sent in {took_s:.0f} s"
            f" (asked: {SPAN_S:.0f}), {told['duplicate']} repeats; counted {views} and {clicks}"
        )
    assert (views, clicks) == (sent["viewable"], sent["click"])
