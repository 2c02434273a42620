"""Durable ingest over HTTP, beside bare programs that store the same rows.

Postgres, two workers of the web server and the load share the machine; synchronous_commit is on.
All take turns, so that whatever else the machine does meets each. The bare programs have a table
without partitions, and no tokens, HTTP or JSON:

- lists: psycopg2 with lists and a transaction a batch, as one writes it at first;
- lean: arrays as text, one statement a transaction, nothing comes back;
- equal: as lean, and it does for the database what ingest does: keys of the new rows come back,
  and hours and videos go into a journal.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

import numpy as np
import psycopg2
import pytest

from experiments.measures import Step
from tests.benchmarks import processor
from tests.benchmarks.ingest_load import http_sender, ids, signed_bodies
from tests.functional.own_site import OwnSite, own_site

pytestmark = pytest.mark.benchmark
CONNECTIONS = 8
TURNS = 6
SPAN_S = 2.0
EVENTS_MADE = {1: 200_000, 20: 1_500_000, 100: 3_000_000}  # more than HTTP takes in all the spans
ROWS = "unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::smallint[], %s::smallint[])"
INSERT = f"INSERT INTO bare SELECT * FROM {ROWS} ON CONFLICT DO NOTHING"  # noqa: S608  constants
EQUAL = f"""
WITH stored AS ({INSERT} RETURNING key), noted AS (
    INSERT INTO journal SELECT %s::integer[], %s::integer[], %s::integer[]
    WHERE EXISTS (SELECT FROM stored)
) SELECT key FROM stored
"""  # noqa: S608
TABLES = """
DROP TABLE IF EXISTS bare, journal;
CREATE TABLE bare (key bigint PRIMARY KEY, viewer bigint, video integer, cell smallint,
                   context smallint);
CREATE TABLE journal (hours integer[], minutes integer[], videos integer[]);
"""
LIMITS = " (limits: 0.5 of lean, 0.6 of equal)"
Batches = Iterator[tuple[int, object]]
Connect = Callable[[], AbstractContextManager[Callable[[object], None]]]


@dataclass(slots=True)
class Program:
    """One way to store batches, and what it reached in all the spans so far."""

    name: str
    batches: Batches
    connect: Connect
    events: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def events_per_s(self) -> float:
        return self.events / self.elapsed_s

    @property
    def cpu_us(self) -> float:
        """CPU of one event in all processes, the load's own too."""
        return self.cpu_s / self.events * 1e6

    def __str__(self) -> str:
        p99_ms = float(np.percentile(self.latencies_s, 99)) * 1e3
        return f"{self.name} {self.events_per_s:,.0f} (p99 {p99_ms:.0f} ms, {self.cpu_us:.1f} µs)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    with own_site(tmp_path_factory.mktemp("ingest") / "postgres") as running:
        running.start_server()
        yield running


@pytest.mark.parametrize("size", [1, 20, 100])
def test_events_a_second(site: OwnSite, size: int, capsys: pytest.CaptureFixture[str]) -> None:
    batches = EVENTS_MADE[size] // size
    bodies = [(size, body) for body in islice(signed_bodies(site, size), batches)]
    texts = [([array(column) for column in columns]) for columns in bare_columns(size)]
    journal = ["{148000}", "{8880000}", "{1}"]
    make_tables(site)
    http = Program("over HTTP", iter(bodies), lambda: http_sender(site.port))
    # Of these a span takes less, and begins with an empty table.
    columns = cycle([(size, each) for each in bare_columns(size)])
    lean, equal = (cycle([(size, text + more) for text in texts]) for more in ([], journal))
    bare = [
        Program("lists", columns, lambda: in_transactions(site)),
        Program("lean", lean, lambda: statements(site, INSERT)),
        Program("equal", equal, lambda: statements(site, EQUAL)),
    ]
    for _ in range(TURNS):
        for program in (*bare, http):
            make_tables(site)
            drive(program, site)
    ratios = ", ".join(
        f"{http.events_per_s / program.events_per_s:.2f} of {program.name}"
        f" (by CPU {program.cpu_us / http.cpu_us:.2f})"
        for program in bare
    )
    with capsys.disabled():
        print(
            f"\nbatches of {size}, events/s: {'; '.join(map(str, (http, *bare)))}"
            f"\nover HTTP is {ratios}{LIMITS if size == 20 else ''}"
        )


def bare_columns(size: int) -> Iterator[list[list[int]]]:
    """Yield the columns of rows to put into the bare table, a batch at a time."""
    rows = list(islice(ids(500_000_000_000, block=1), EVENTS_MADE[size]))
    for start in range(0, len(rows), size):
        keys = [key | Step.VIEWABLE for key in rows[start : start + size]]
        yield [keys, keys, [1] * size, [1] * size, [3] * size]


def array(column: list[int]) -> str:
    """Return Postgres' text of an array."""
    return "{" + ",".join(map(str, column)) + "}"


def make_tables(site: OwnSite) -> None:
    """Make the bare program's tables, empty."""
    with closing(psycopg2.connect(site.database_url)) as connection, connection:
        connection.cursor().execute(TABLES)


@contextmanager
def in_transactions(site: OwnSite) -> Iterator[Callable[[object], None]]:
    with closing(psycopg2.connect(site.database_url)) as connection, connection.cursor() as cursor:

        def send(columns: object) -> None:
            cursor.execute(INSERT, columns)
            connection.commit()

        yield send


@contextmanager
def statements(site: OwnSite, sql: str) -> Iterator[Callable[[object], None]]:
    with closing(psycopg2.connect(site.database_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True

        def send(columns: object) -> None:
            cursor.execute(sql, columns)
            if cursor.description:
                cursor.fetchall()

        yield send


def drive(program: Program, site: OwnSite) -> None:
    """Send batches over many connections for a span; all threads take from one iterator."""
    lock = threading.Lock()
    cpu_s, start = site_cpu_s(site), time.perf_counter()
    end = start + SPAN_S

    def work() -> None:
        with program.connect() as send:
            while (sent := time.perf_counter()) < end:
                with lock:
                    size, batch = next(program.batches)
                send(batch)
                with lock:
                    program.latencies_s.append(time.perf_counter() - sent)
                    program.events += size

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    program.elapsed_s += time.perf_counter() - start
    program.cpu_s += site_cpu_s(site) - cpu_s


def site_cpu_s(site: OwnSite) -> float:
    """Return what Postgres, the web server and this process have used so far."""
    assert site.server is not None
    return time.process_time() + sum(
        processor.tree_s(pid) for pid in (site.postmaster, site.server.pid)
    )
