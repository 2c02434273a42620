"""Durable ingest over HTTP, beside a bare program that does the same inserts.

Postgres, two gunicorn workers and the load share the machine; synchronous_commit is on.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

import numpy as np
import psycopg2
import pytest

from experiments.impressions import Step, impression_id
from experiments.tokens import Impression, Signer
from tests.experiments.world import BROWSER
from tests.functional.own_site import OwnSite, own_site

pytestmark = pytest.mark.benchmark
CONNECTIONS = 8
SPAN_S = 6.0
EVENTS_MADE = {1: 30_000, 20: 400_000, 100: 800_000}  # more than any machine takes in the span
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


@dataclass(frozen=True, slots=True)
class Rate:
    """What was reached."""

    events_per_s: float
    p99_ms: float


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
    bare = bare_inserts(site, size)
    http_rate = drive(iter(bodies), lambda: http_sender(site.port))
    with capsys.disabled():
        print(
            f"\nbatches of {size}: {http_rate.events_per_s:,.0f} events/s over HTTP"
            f" (p99 {http_rate.p99_ms:.0f} ms), bare psycopg2 {bare.events_per_s:,.0f}"
            f" (p99 {bare.p99_ms:.0f} ms): {http_rate.events_per_s / bare.events_per_s:.2f}"
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


def bare_inserts(site: OwnSite, size: int) -> Rate:
    """Do the same multi-row inserts from plain threads, one connection each."""
    connection = psycopg2.connect(site.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bare; CREATE TABLE bare (key bigint PRIMARY KEY, viewer bigint,"
            " video integer, cell smallint, context smallint)"
        )
    connection.close()
    rows = ids(500_000_000_000, EVENTS_MADE[size], 1)
    keys = [[key | Step.VIEWABLE for key in rows[i : i + size]] for i in range(0, len(rows), size)]
    batches = ((size, (part, part, [1] * size, [1] * size, [3] * size)) for part in keys)
    return drive(batches, lambda: bare_sender(site.database_url))


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


def drive(batches: Batches, connect: Connect) -> Rate:
    """Send batches over many connections for a span; all threads take from one iterator."""
    lock, latencies = threading.Lock(), list[float]()
    sent = [0] * CONNECTIONS
    end = time.perf_counter() + SPAN_S

    def work(place: int) -> None:
        with connect() as send:
            while time.perf_counter() < end:
                with lock:
                    size, batch = next(batches, (0, None))
                if batch is None:
                    return
                start = time.perf_counter()
                send(batch)
                latencies.append(time.perf_counter() - start)
                sent[place] += size

    threads = [threading.Thread(target=work, args=(place,)) for place in range(CONNECTIONS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    return Rate(sum(sent) / elapsed, float(np.percentile(latencies, 99)) * 1e3)
