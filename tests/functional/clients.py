"""Viewers of a test's own site, who keep at it whatever happens to the site."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any, Protocol

import msgspec

from experiments.measures import Step
from tests.waiting import PATIENCE_S, Patience, wait_until

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0  # before the same is sent again


class Site(Protocol):
    """Something that answers."""

    def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Return status and JSON of an answer; status 0 where none came."""


class Clients:
    """Viewers who see pages and click, and who send again until they hear that it was taken.

    Args:
        site: whose feed they read.
        name: of theirs, that no other viewers have.
        slots: of a page.
        steps: what each slot of a page tells; one of them is clicked, too.
        at_once: how many of them look at a page at any moment.
    """

    def __init__(
        self,
        site: Site,
        name: str,
        *,
        slots: int = 20,
        steps: Sequence[Step] = (Step.VIEWABLE,),
        at_once: int = 3,
    ) -> None:
        self._site, self._slots = site, slots
        self._steps = [step.name.lower() for step in steps]
        self._lock = threading.Lock()
        self.acknowledged: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.failures: list[BaseException] = []
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=self._visit, args=(f"{name}-{i}",)) for i in range(at_once)
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
        wait_until(lambda: not any(each.is_alive() for each in self._threads), "the clients end")
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
            path = f"/api/feed?viewer={name}-{visit}&count={self._slots}"
            page = self._until_answered("GET", path)
            tokens = [slot["token"] for slot in page["slots"] if slot["token"]]
            events = [{"token": token, "step": step} for token in tokens for step in self._steps]
            events += [{"token": tokens[0], "step": "click"}]
            body = msgspec.json.encode({"events": events})
            told = self._until_answered("POST", "/api/events", body)
            assert told["accepted"] + told["duplicate"] == len(events), told
            seen = Counter({**dict.fromkeys(self._steps, len(tokens)), "click": 1})
            with self._lock:
                self.acknowledged += seen

    def _until_answered(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        patience, pause_s = Patience(), FIRST_PAUSE_S
        while not patience.is_over():
            status, answer = self._site.request(method, path, body)
            with self._lock:
                self.answers[status] += 1
            if status == 200:
                return answer
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        raise AssertionError(f"no answer within {PATIENCE_S:.0f} s")
