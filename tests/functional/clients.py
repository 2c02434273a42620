"""Viewers of a test's own site, who keep at it whatever happens to the site."""

import json
import threading
import time
from collections import Counter
from itertools import count
from typing import Any, Protocol

from tests.waiting import PATIENCE_S, wait_until

CLIENTS = 3


class Site(Protocol):
    """Something that answers."""

    def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Return status and JSON of an answer; status 0 where none came."""


class Clients:
    """Viewers who see pages and click, and who send again until they hear that it was taken."""

    def __init__(self, site: Site, name: str) -> None:
        self._site = site
        self._lock = threading.Lock()
        self.acknowledged: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.failures: list[BaseException] = []
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=self._visit, args=(f"{name}-{i}",)) for i in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def wait_until(self, status: int, times: int = 1) -> None:
        """Wait until so many requests were answered with this status; 0 is no answer."""
        wait_until(
            lambda: bool(self.failures) or self.answers[status] >= times,
            f"status {status} came {times} times",
        )
        assert not self.failures, self.failures

    def finish(self) -> None:
        """Let every client end the visit that it is at."""
        self._enough.set()
        for thread in self._threads:
            thread.join(timeout=PATIENCE_S)
            assert not thread.is_alive()
        assert not self.failures, self.failures

    def _visit(self, name: str) -> None:
        try:
            self._visit_all(name)
        except BaseException as failure:  # noqa: BLE001  told where it is waited for
            self.failures.append(failure)

    def _visit_all(self, name: str) -> None:
        for visit in count():
            if self._enough.is_set():
                return
            page = self._until_answered("GET", f"/api/feed?viewer={name}-{visit}&count=20")
            tokens = [slot["token"] for slot in page["slots"] if slot["token"]]
            events = [{"token": token, "step": "viewable"} for token in tokens]
            events += [{"token": tokens[0], "step": "click"}]
            body = json.dumps({"events": events}).encode()
            told = self._until_answered("POST", "/api/events", body)
            assert told["accepted"] + told["duplicate"] == len(events), told
            with self._lock:
                self.acknowledged += Counter(viewable=len(tokens), click=1)

    def _until_answered(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            status, answer = self._site.request(method, path, body)
            with self._lock:
                self.answers[status] += 1
            if status == 200:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"no answer within {PATIENCE_S:.0f} s")
