"""Load for the events' door: signed batches, and a lean client that sends them."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice

from experiments.events.keys import SEQUENCES, impression_id
from experiments.events.tokens import Impression, Signer
from tests.experiments.world import BROWSER
from tests.functional.own_site import OwnSite

IDS_A_MS = 256
BLOCK = 1020  # of a test's own
VIDEOS = 1000
# Seconds from when a page is served to when its views are told: they are seen, and then sent.
AGES_S = (2, 2, 2, 2, 8, 8, 30, 120)
HEAD = (
    "POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
    f"User-Agent: {BROWSER}\r\nContent-Length: %d\r\n\r\n"
).encode()


def signed_bodies(site: OwnSite, size: int) -> Iterator[bytes]:
    """Yield batches of new views, of a minute ago, signed as they are asked for."""
    yield from _bodies(site, size, ids(now_ms(site) - 60_000, block=BLOCK), videos=1)


def timely_bodies(site: OwnSite, size: int) -> Iterator[bytes]:
    """Yield batches of new views, each served as long before it is asked for as viewers take."""
    ahead_ms = now_ms(site) - time.monotonic() * 1000
    yield from _bodies(site, size, _of_ages(ahead_ms), VIDEOS)


def _of_ages(ahead_ms: float) -> Iterator[int]:
    """Yield distinct ids of now and of the last minutes; each age has a block number of its own."""
    for number in count():
        place = number % len(AGES_S)
        ms = int(time.monotonic() * 1000 + ahead_ms) - 1000 * AGES_S[place]
        yield impression_id(ms, BLOCK - place, number // len(AGES_S) % SEQUENCES)


def _bodies(site: OwnSite, size: int, views: Iterator[int], videos: int) -> Iterator[bytes]:
    ((experiment,),) = site.query("SELECT id FROM experiments_experiment")
    signer = Signer(["1:development-only"], 3600)
    while True:
        shown = (
            Impression(each, each >> 3, 1 + (each >> 3) % videos, experiment, 1, each % 3, 3, 1 / 3)
            for each in islice(views, size)
        )
        events = [{"token": signer.sign(each), "step": "viewable"} for each in shown]
        yield json.dumps({"events": events}).encode()


def now_ms(site: OwnSite) -> int:
    """Return the site's present in ms since 2010."""
    ((now,),) = site.query(
        "SELECT (extract(epoch FROM now() - '2010-01-01 00:00+00') * 1000)::bigint"
    )
    return now


def ids(from_ms: int, block: int) -> Iterator[int]:
    """Yield distinct ids from a time on, under a block number of the test's own."""
    for number in count():
        yield impression_id(from_ms + number // IDS_A_MS, block, number % IDS_A_MS)


@contextmanager
def http_sender(port: int) -> Iterator[Callable[[object], None]]:
    """Send prepared requests on one kept connection; a lean client leaves the CPU to the server."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send(body: object) -> None:
            assert isinstance(body, bytes)
            connection.sendall(HEAD % len(body) + body)
            answer = connection.recv(65_536)
            while b"}}" not in answer:  # the end of a receipt
                more = connection.recv(65_536)
                assert more, answer
                answer += more
            assert answer.startswith(b"HTTP/1.1 200"), answer

        yield send
