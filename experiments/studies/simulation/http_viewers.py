"""Simulated viewers that drive a real site over HTTP, as the feed's own script would.

Each asks for the feed, looks at the first places of the page, reports what was served, loaded,
viewable and animated, and clicks as the click model has it for the arm that it was shown. Some
reports are sent twice, as a browser does when an answer is lost.
"""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from experiments.studies.simulation.visits import Audience, Shown

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CONNECTIONS = 4
TIMEOUT_S = 30.0
READY_WITHIN_S = 20.0
SLOTS = 100


class TrafficError(RuntimeError):
    """The site does not answer as it must; the message says what it said."""


@dataclass(slots=True)
class Tally:
    """What viewers did and what the site said of it.

    Attributes:
        viewers: how many came.
        views: viewable impressions by (video, arm).
        clicks: clicks by (video, arm).
        new: events that the site had not had before.
        repeated: events that were sent a second time.
        accepted, duplicate, rejected: what the site answered, in events.
    """

    viewers: int = 0
    views: Counter[tuple[str, int]] = field(default_factory=Counter)
    clicks: Counter[tuple[str, int]] = field(default_factory=Counter)
    new: int = 0
    repeated: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0

    def add(self, other: "Tally") -> None:
        """Add another tally's counts to this one."""
        self.views.update(other.views)
        self.clicks.update(other.clicks)
        for name in ("viewers", "new", "repeated", "accepted", "duplicate", "rejected"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def agrees(self) -> bool:
        """Whether the site took every event once and recognised every repetition."""
        return (self.accepted, self.duplicate, self.rejected) == (self.new, self.repeated, 0)


@dataclass(frozen=True, slots=True)
class Traffic:
    """The site and experiment that viewers visit, and how they behave there.

    Attributes:
        url: the site's address, on this machine.
        experiment: the experiment's slug.
        audience: who comes.
    """

    url: str
    experiment: str
    audience: Audience

    def __post_init__(self) -> None:
        if urlsplit(self.url).hostname not in LOOPBACK:
            raise TrafficError(f"url == {self.url!r}, must be on this machine: 127.0.0.1")


class Browser:
    """One connection to the site, kept alive over many viewers."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        parts = urlsplit(traffic.url)
        assert parts.hostname is not None  # noqa: S101  checked by Traffic
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)

    def feed(self, viewer: str) -> list[dict[str, Any]]:
        """Return the slots of a viewer's page."""
        path = f"/api/feed?viewer={quote(viewer)}&experiment={quote(self._traffic.experiment)}"
        slots = self._ask("GET", f"{path}&count={SLOTS}")["slots"]
        assert isinstance(slots, list)  # noqa: S101  the API's shape
        return slots

    def report(self, events: list[dict[str, str]]) -> dict[str, Any]:
        """Send a batch of events and return the site's receipt."""
        return self._ask("POST", "/api/events", json.dumps({"events": events}).encode())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/5.0 (simulated)"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.client.OK:
            said = text.decode(errors="replace")[:200]
            raise TrafficError(f"{method} {path.partition('?')[0]}: {answer.status} {said}")
        document: dict[str, Any] = json.loads(text)
        return document


def visit(traffic: Traffic, browser: Browser, viewer: int) -> Tally:
    """Let one viewer look at a page and click, and tell what happened."""
    slots = browser.feed(traffic.audience.name(viewer))
    shown = [
        Shown(slot["token"], slot["video"]["slug"], slot["arm"], slot["position"],
              slot["thumbnail"]["media_type"] == "image/gif")
        for slot in slots
        if slot["token"]
    ]  # fmt: skip
    done = traffic.audience.visit(viewer, len(slots), shown)
    tally = Tally(viewers=1, views=done.views, clicks=done.clicks)
    _send(browser, done.events, tally, twice=done.is_sent_twice)
    return tally


def _send(browser: Browser, events: list[dict[str, str]], tally: Tally, *, twice: bool) -> None:
    tally.new = len(events)
    tally.repeated = len(events) if twice else 0
    for _ in range(1 + twice):
        receipt = browser.report(events)
        tally.accepted += receipt["accepted"]
        tally.duplicate += receipt["duplicate"]
        tally.rejected += sum(receipt["rejected"].values())


def wait_for_experiment(traffic: Traffic) -> None:
    """Wait until the site serves the experiment: it learns of a new one within seconds.

    Raises:
        TrafficError: with the site's last words, where it never does.
    """
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        browser = Browser(traffic)
        try:
            browser.feed("simulated-first")
        except (TrafficError, OSError) as error:
            if time.monotonic() > deadline:
                raise TrafficError(
                    f"{traffic.url} does not serve the experiment: {error}"
                ) from error
            time.sleep(0.3)
        else:
            return
        finally:
            browser.close()


def drive(traffic: Traffic, viewers: int) -> Iterator[Tally]:
    """Send viewers 0 .. n - 1 over a few connections at once; yield each one's tally.

    Raises:
        TrafficError: where the site refuses or fails.
        OSError: where it cannot be reached.
    """
    shares = [range(first, viewers, CONNECTIONS) for first in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        browsers = [Browser(traffic) for _ in shares]
        try:
            rounds = max((len(share) for share in shares), default=0)
            for turn in range(rounds):
                batch = [
                    pool.submit(visit, traffic, browser, share[turn])
                    for browser, share in zip(browsers, shares, strict=True)
                    if turn < len(share)
                ]
                for done in batch:
                    yield done.result()
        finally:
            for browser in browsers:
                browser.close()
