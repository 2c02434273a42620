"""Load for the events' door: signed batches, and a lean client that sends them."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from experiments.events.keys import impression_id
from experiments.events.tokens import Impression, Signer
from tests.experiments.world import BROWSER
from tests.functional.own_site import OwnSite

IDS_A_MS = 256
HEAD = (
    "POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
    f"User-Agent: {BROWSER}\r\nContent-Length: %d\r\n\r\n"
).encode()


def signed_bodies(site: OwnSite, size: int) -> Iterator[bytes]:
    """Yield batches of new views of the site's experiment, signed as they are asked for."""
    ((experiment, now_ms),) = site.query(
        "SELECT id, (extract(epoch FROM now() - '2010-01-01 00:00+00') * 1000)::bigint"
        " FROM experiments_experiment"
    )
    signer = Signer(["1:development-only"], 3600)
    shown = (
        Impression(each, each >> 3, 1, experiment, 1, 0, 3, 1 / 3)
        for each in ids(now_ms - 60_000, block=1000 + size)
    )
    while True:
        tokens = [signer.sign(next(shown)) for _ in range(size)]
        events = [{"token": token, "step": "viewable"} for token in tokens]
        yield json.dumps({"events": events}).encode()


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
