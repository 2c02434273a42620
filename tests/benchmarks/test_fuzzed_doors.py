"""Damaged tokens, batches and parameters at the doors of pages: no 5xx, no crash, no hang.

COVERLIFT_FUZZ_S bounds the time (60 s), COVERLIFT_FUZZ_SEED takes other damages. Nothing damaged
may be taken for true, either: only what was signed is stored.
"""

import io
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from time import monotonic
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest

from experiments.models import Event
from experiments.serving import feed
from server.wsgi import application
from tests.experiments.world import BROWSER, make_experiment

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
BOUND_S = float(os.environ.get("COVERLIFT_FUZZ_S") or 60)
SEED = int(os.environ.get("COVERLIFT_FUZZ_SEED") or 0)
ODD = (b"\0", b"\xff\xfe", b"[" * 5000, b'"', b"\\u0000", b"9" * 400, b"1e999", b"NaN", b"{}",
       b"\r\n", "\U0001f3ac".encode(), b"null", b"-1", b"\xed\xa0\x80")  # fmt: skip
VALUES: tuple[Any, ...] = (None, True, -1, 1e308, "", [], {}, "\0", [[]], 2**70, float("inf"))
Chance = random.Random


def damaged(content: bytes, chance: Chance) -> bytes:
    """Change, cut, double or fill in some bytes."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        until = min(len(content), at + chance.choice((0, 1, 2, 20)))
        put = chance.choice((b"", bytes([chance.randrange(256)]), chance.choice(ODD)))
        content = content[:at] + put + content[until:]
    return content


def batch(events: list[dict[str, Any]], chance: Chance) -> bytes:
    """Return a batch whose fields, whose bytes or both are damaged."""
    chosen = [dict(chance.choice(events)) for _ in range(chance.randint(0, 3))]
    for event in chosen:
        if chance.random() < 0.5:
            event[chance.choice(("token", "step", "seconds", "more"))] = chance.choice(VALUES)
    content = json.dumps({"events": chosen}).encode()
    return damaged(content, chance) if chance.random() < 0.7 else content


def ask(method: str, path: str, query: str = "", body: bytes = b"", **more: str) -> int:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "HTTP_USER_AGENT": BROWSER, "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), "HTTP_HOST": "127.0.0.1", **more,
    }  # fmt: skip
    setup_testing_defaults(environ)
    told: list[Any] = []
    b"".join(application(environ, lambda *start: told.extend(start)))  # type: ignore[arg-type]
    return int(told[0][:3])


def doors(events: list[dict[str, Any]], chance: Chance) -> dict[str, Callable[[], int]]:
    """Return a way to send one damaged input to each door."""
    token = events[0]["token"]

    def one_token() -> int:
        changed = damaged(token.encode(), chance).decode(errors="replace")
        body = json.dumps({"events": [{"token": changed, "step": "viewable"}]}).encode()
        return ask("POST", "/api/events", body=body)

    def one_batch() -> int:
        body = batch(events, chance)
        more = {"HTTP_CONTENT_ENCODING": "gzip"} if chance.random() < 0.1 else {}
        return ask("POST", "/api/events", body=body, **more)

    def one_feed() -> int:
        query = damaged(b"viewer=ann&count=20&page=1&experiment=pilot", chance)
        return ask("GET", "/api/feed", query=quote(query, safe="=&"))

    def one_page() -> int:
        path = damaged(b"/watch/pilot-0/", chance).decode("latin-1")
        return ask("GET", "/" + path.lstrip("/"))

    return {"token": one_token, "batch": one_batch, "feed": one_feed, "page": one_page}


def inputs(chance: Chance) -> Iterator[tuple[str, Callable[[], int]]]:
    """Yield the doors, those that cost least more often."""
    slots = feed.slots("ann", count=30).slots
    ways = doors([{"token": slot.token, "step": "viewable"} for slot in slots], chance)
    for _ in count():
        name = chance.choices(list(ways), (10, 10, 10, 1))[0]
        yield name, ways[name]


def test_no_damage_breaks_a_door() -> None:
    make_experiment(videos=30)
    chance = random.Random(SEED)  # noqa: S311  chance that can be repeated
    seen: Counter[tuple[str, int]] = Counter()
    slowest_s, began_s = 0.0, monotonic()
    for name, send in inputs(chance):
        sent_s = monotonic()
        status = send()
        slowest_s = max(slowest_s, monotonic() - sent_s)
        seen[name, status] += 1
        assert status < 500, (name, status, SEED, seen.total())
        if monotonic() - began_s > BOUND_S:
            break
    print(f"\n{seen.total():,} inputs in {BOUND_S:.0f} s, slowest {slowest_s:.2f} s: {dict(seen)}")
    assert Event.objects.count() <= 30  # what the feed had signed, and nothing else
