"""Ingest at 70 % of its limit, held: how late answers come, and what memory does.

The whole site runs: web servers, Postgres, workers, and the clock, by which what is new is counted
every five seconds. The limit is found first, by as many connections as keep it busy: what it takes
in the worse of its seconds, those in which a rollup is at work. Then batches are sent at the times
at which 70 % of it are due, however long the answers take, and an answer's time counts from when
its batch was due. COVERLIFT_SUSTAINED_S says for how long (60 s).
"""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from standalone.processes import Program, programs, site_commands, site_environment
from tests.benchmarks.ingest_load import http_sender, timely_bodies
from tests.benchmarks.memory import together_mb
from tests.functional.own_site import OwnSite, own_site
from tests.functional.own_workers import programs_of_tests
from tests.waiting import wait_until

pytestmark = pytest.mark.benchmark
SECONDS = float(os.environ.get("COVERLIFT_SUSTAINED_S") or 60)
LIMIT_S = min(45.0, SECONDS)  # for which the limit is looked for
WORSE_SECONDS = 10  # percent: a rollup soon takes all the time
SHARE = 0.7
SIZE = 20
CONNECTIONS = 8
LOOKS = 20  # at the memory, of which the first two are of a site that warms up
GROWS_AT_MOST = 1.1


@dataclass
class Load:
    """Batches that many connections send, and how long each was under way.

    Attributes:
        bodies: the batches.
        port: of the web servers.
        every_s: between two batches; 0 sends the next one as soon as a connection is free.
        until_s: when it ends, in seconds after its beginning.
        latencies_s: from when a batch was due, or sent where that is 0.
        due_s: of each, in seconds after the beginning.
    """

    bodies: Iterator[bytes]
    port: int
    every_s: float
    until_s: float
    latencies_s: list[float] = field(default_factory=list)
    due_s: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._next_due_s = 0.0

    def events_per_s(self) -> NDArray[np.int64]:
        """Return how many events were answered in each whole second."""
        answered_s = np.asarray(self.due_s) + self.latencies_s
        return np.bincount(answered_s.astype(int))[: int(self.until_s)] * SIZE

    def run(self) -> None:
        began_s = time.perf_counter()
        threads = [threading.Thread(target=self._send, args=(began_s,)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.elapsed_s = time.perf_counter() - began_s

    def _send(self, began_s: float) -> None:
        with http_sender(self.port) as send:
            while (taken := self._take(time.perf_counter() - began_s)) is not None:
                due_s, body = taken
                time.sleep(max(0.0, began_s + due_s - time.perf_counter()))
                send(body)
                answered_s = time.perf_counter() - began_s
                with self._lock:
                    self.latencies_s.append(answered_s - due_s)
                    self.due_s.append(due_s)

    def _take(self, now_s: float) -> tuple[float, bytes] | None:
        """Return when the next batch is due, and the batch; None at the end."""
        with self._lock:
            due_s = self._next_due_s if self.every_s else now_s
            self._next_due_s += self.every_s
            return (due_s, next(self.bodies)) if due_s < self.until_s else None


def p_ms(percent: float, latencies_s: list[float]) -> float:
    return float(np.percentile(latencies_s, percent)) * 1e3


def worst_minute_ms(load: Load) -> float:
    """Return the highest 99th percentile of a minute."""
    minutes = np.asarray(load.due_s) // 60
    latencies_s = np.asarray(load.latencies_s)
    return max(float(np.percentile(latencies_s[minutes == m], 99)) for m in set(minutes)) * 1e3


class MemoryLooks:
    """Looks, evenly over the time, at what each part of the site holds, in MB."""

    def __init__(self, parts: dict[str, list[int]]) -> None:
        self.seen: dict[str, list[float]] = {name: [] for name in parts}
        self._parts = parts
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()

    def _look_on(self) -> None:
        for _ in range(LOOKS):
            time.sleep(SECONDS / LOOKS)
            for name, pids in self._parts.items():
                self.seen[name].append(sum(map(together_mb, pids)))

    def end(self) -> dict[str, list[int]]:
        """Return what each part held: warm, in the middle, in the end."""
        self._thread.join()
        looks = (2, LOOKS // 2, LOOKS - 1)
        return {name: [round(seen[look]) for look in looks] for name, seen in self.seen.items()}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnSite]:
    with own_site(tmp_path / "postgres") as running:
        running.environment = site_environment(running.database_url)
        del running.environment["COVERLIFT_WORKER_NICENESS"]  # the site's own
        yield running


def pids_of(running: list[Program], kind: str) -> list[int]:
    return [each.process.pid for each in running if each.name.startswith(kind)]


def test_ingest_at_70_percent(
    site: OwnSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = timely_bodies(site, SIZE)
    with (
        programs_of_tests(tmp_path),
        programs(site_commands(site.port, with_beat=True), site.environment) as running,
    ):
        wait_until(lambda: site.request("GET", "/readyz")[0] == 200, "the site answers")
        limit = Load(bodies, site.port, every_s=0, until_s=LIMIT_S)
        limit.run()
        events_per_s = float(np.percentile(limit.events_per_s(), WORSE_SECONDS))
        every_s = SIZE / (SHARE * events_per_s)
        memory = MemoryLooks(
            {kind: pids_of(running, kind) for kind in ("web", "worker")}
            | {"Postgres": [site.postmaster]}
        )
        held = Load(bodies, site.port, every_s=every_s, until_s=SECONDS)
        held.run()
        held_mb = memory.end()
        wait_until(lambda: not site.query("SELECT 1 FROM experiments_arrival"), "all is counted")
    events = (len(limit.latencies_s) + len(held.latencies_s)) * SIZE
    with capsys.disabled():
        print(
            f"\nlimit {events_per_s:,.0f} events/s in batches of {SIZE}, median second"
            f" {np.median(limit.events_per_s()):,.0f} (p99 {p_ms(99, limit.latencies_s):.0f} ms);"
            f" {np.mean(held.events_per_s()):,.0f} for {held.elapsed_s:.0f} s: p50"
            f" {p_ms(50, held.latencies_s):.0f} ms, p99 {p_ms(99, held.latencies_s):.0f} ms (limit"
            f" 100), in the worst minute {worst_minute_ms(held):.0f} ms, p99.9"
            f" {p_ms(99.9, held.latencies_s):.0f} ms, slowest {p_ms(100, held.latencies_s):.0f} ms;"
            f" MB after a tenth of the time, half of it, all of it: {held_mb}; {events:,} events"
        )
    assert site.stored() == site.counted() == {"viewable": events}
    assert held_mb["web"][-1] < GROWS_AT_MOST * held_mb["web"][0]
