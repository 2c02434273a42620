"""Durable ingest over HTTP, beside a bare program that does the same inserts.

Postgres, two workers of the web server and the load share the machine; synchronous_commit is on.
The two take turns, so that whatever else the machine does meets both.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field

import numpy as np
import psycopg2
import pytest

from experiments.events.keys import impression_id
from experiments.events.tokens import Impression, Signer
from experiments.measures import Step
from tests.experiments.world import BROWSER
from tests.functional.own_site import OwnSite, own_site

pytestmark = pytest.mark.benchmark
CONNECTIONS = 8
TURNS = 6
SPAN_S = 2.0
EVENTS_MADE = {1: 200_000, 20: 1_500_000, 100: 3_000_000}  # more than is taken in all the spans
INSERT = """
INSERT INTO bare SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::smallint[],
                                      %s::smallint[]) ON CONFLICT DO NOTHING
"""
HEAD = (
    "POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
    f"User-Agent: {BROWSER}\r\nContent-Length: %d\r\n\r\n"
).encode()
Batches = Iterator[tuple[int, object]]
Connect = Callable[[], AbstractContextManager[Callable[[object], None]]]


@dataclass(slots=True)
class Tally:
    """What was reached in all the spans so far."""

    events: int = 0
    elapsed_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def events_per_s(self) -> float:
        return self.events / self.elapsed_s

    @property
    def p99_ms(self) -> float:
        return float(np.percentile(self.latencies_s, 99)) * 1e3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    with own_site(tmp_path_factory.mktemp("ingest") / "postgres") as running:
        running.start_server()
        yield running


@pytest.mark.parametrize("size", [1, 20, 100])
def test_events_a_second(site: OwnSite, size: int, capsys: pytest.CaptureFixture[str]) -> None:
    experiment, now_ms = site.query(
        "SELECT id, (extract(epoch FROM now() - '2010-01-01 00:00+00') * 1000)::bigint"
        " FROM experiments_experiment"
    )[0]
    bodies = [
        (size, json.dumps({"events": batch}).encode())
        for batch in signed_batches(experiment, now_ms, size)
    ]
    over_http, bare = Tally(), Tally()
    requests, inserts = iter(bodies), bare_batches(site, size)
    for _ in range(TURNS):
        drive(inserts, lambda: bare_sender(site.database_url), bare)
        drive(requests, lambda: http_sender(site.port), over_http)
    with capsys.disabled():
        print(
            f"\nbatches of {size}: {over_http.events_per_s:,.0f} events/s over HTTP"
            f" (p99 {over_http.p99_ms:.0f} ms), bare psycopg2 {bare.events_per_s:,.0f}"
            f" (p99 {bare.p99_ms:.0f} ms): {over_http.events_per_s / bare.events_per_s:.2f}"
            f"{' (limit 0.5)' if size == 20 else ''}"
        )


def ids(now_ms: int, count: int, block: int) -> list[int]:
    """Return distinct ids of the last minutes, under a block number of the test's own."""
    ms = now_ms - 60_000 + np.arange(count) // 256
    made: list[int] = impression_id(ms, block, np.arange(count) % 256).tolist()
    return made


def signed_batches(experiment: int, now_ms: int, size: int) -> Iterator[list[dict[str, str]]]:
    signer = Signer(["1:development-only"], 3600)
    events = [
        {"token": signer.sign(Impression(i, i >> 3, 1, experiment, 1, 0, 3, 1 / 3)),
         "step": "viewable"}
        for i in ids(now_ms, EVENTS_MADE[size], 1000 + size)
    ]  # fmt: skip
    for start in range(0, len(events), size):
        yield events[start : start + size]


def bare_batches(site: OwnSite, size: int) -> Batches:
    """Make an empty table and return the columns of rows to put into it."""
    connection = psycopg2.connect(site.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bare; CREATE TABLE bare (key bigint PRIMARY KEY, viewer bigint,"
            " video integer, cell smallint, context smallint)"
        )
    connection.close()
    rows = ids(500_000_000_000, EVENTS_MADE[size], 1)
    keys = [[key | Step.VIEWABLE for key in rows[i : i + size]] for i in range(0, len(rows), size)]
    return ((size, (part, part, [1] * size, [1] * size, [3] * size)) for part in keys)


@contextmanager
def bare_sender(database_url: str) -> Iterator[Callable[[object], None]]:
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:

        def send(columns: object) -> None:
            cursor.execute(INSERT, columns)
            connection.commit()

        yield send


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


def drive(batches: Batches, connect: Connect, tally: Tally) -> None:
    """Send batches over many connections for a span; all threads take from one iterator."""
    lock = threading.Lock()
    start = time.perf_counter()
    end = start + SPAN_S

    def work() -> None:
        with connect() as send:
            while (sent := time.perf_counter()) < end:
                with lock:
                    size, batch = next(batches)
                send(batch)
                with lock:
                    tally.latencies_s.append(time.perf_counter() - sent)
                    tally.events += size

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.elapsed_s += time.perf_counter() - start
