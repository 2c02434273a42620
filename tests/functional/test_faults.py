"""Kill -9 at the worst moments: afterwards acknowledged = stored = counted."""

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from standalone.processes import port_is_free
from tests.functional.own_site import OwnSite, own_site, request
from tests.waiting import PATIENCE_S, is_alive, wait_until

pytestmark = pytest.mark.functional
CLIENTS = 3
WARM = 20  # answers after which the clients are well under way


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    with own_site(tmp_path_factory.mktemp("faults") / "postgres") as running:
        running.start_server()
        yield running


class Clients:
    """Viewers who see pages and click, and who send again until they hear that it was taken."""

    def __init__(self, site: OwnSite, name: str) -> None:
        self._site = site
        self._lock = threading.Lock()
        self.acknowledged: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=self._visit_all, args=(f"{name}-{i}",)) for i in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def wait_until(self, status: int, times: int = 1) -> None:
        """Wait until so many requests were answered with this status; 0 is no answer."""
        wait_until(lambda: self.answers[status] >= times, f"status {status} came {times} times")

    def finish(self) -> None:
        """Let every client end the visit that it is at."""
        self._enough.set()
        for thread in self._threads:
            thread.join(timeout=PATIENCE_S)
            assert not thread.is_alive()

    def _visit_all(self, name: str) -> None:
        for visit in count():
            if self._enough.is_set():
                return
            page = self._until_answered("GET", f"/api/feed?viewer={name}-{visit}&count=20")
            tokens = [slot["token"] for slot in page["slots"]]
            events = [{"token": token, "step": "viewable"} for token in tokens]
            events += [{"token": tokens[0], "step": "click"}]
            body = json.dumps({"events": events}).encode()
            told = self._until_answered("POST", "/api/events", body)
            assert told["accepted"] + told["duplicate"] == len(events)
            with self._lock:
                self.acknowledged += Counter(viewable=len(tokens), click=1)

    def _until_answered(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            status, answer = request(self._site.port, method, path, body)
            with self._lock:
                self.answers[status] += 1
            if status == 200:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"no answer within {PATIENCE_S:.0f} s")


COUNT = """
import django
django.setup()
from django.core.management import call_command
call_command("rollup")
call_command("check_counts")
"""


def stored(site: OwnSite) -> Counter[str]:
    rows = site.query("SELECT key & 7, count(*) FROM experiments_event GROUP BY 1")
    return Counter({{2: "viewable", 4: "click"}[step]: count for step, count in rows})


def counted(site: OwnSite) -> Counter[str]:
    site.python("-c", COUNT)
    ((viewable, click),) = site.query(
        "SELECT coalesce(sum(views), 0), coalesce(sum(clicks), 0) FROM experiments_daycount"
    )
    return Counter(viewable=viewable, click=click)


def test_the_server_is_killed_mid_request(site: OwnSite) -> None:
    before = stored(site)
    clients = Clients(site, "server")
    clients.wait_until(200, times=WARM)
    site.kill_server()
    clients.wait_until(0)
    site.start_server()
    clients.wait_until(200, times=clients.answers[200] + WARM)
    clients.finish()
    assert set(clients.answers) <= {0, 200, 503}
    assert before + clients.acknowledged == stored(site) == counted(site)


def test_postgres_is_killed_mid_commit(site: OwnSite) -> None:
    before = stored(site)
    clients = Clients(site, "postgres")
    clients.wait_until(200, times=WARM)
    site.kill_postgres()
    clients.wait_until(503)
    site.start_postgres()
    clients.wait_until(200, times=clients.answers[200] + WARM)
    clients.finish()
    assert set(clients.answers) <= {200, 503}
    assert before + clients.acknowledged == stored(site) == counted(site)


KILLED_ROLLUPS = """
import os
import django
django.setup()
from experiments.events.rollup import roll_up
from tests.functional.dying import killed_before

def run(statements):
    with killed_before(statements):
        roll_up()
    os._exit(0)

for statements in range(100):
    pid = os.fork()
    if pid == 0:
        run(statements)
    killed = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    print(statements, killed, flush=True)
    if not killed:
        break
"""


def test_the_rollup_is_killed_before_each_of_its_statements(site: OwnSite) -> None:
    clients = Clients(site, "rollup")
    clients.wait_until(200, times=WARM)
    clients.finish()
    runs = [line.split() for line in site.python("-c", KILLED_ROLLUPS).splitlines()]
    assert [killed for _, killed in runs] == ["True"] * (len(runs) - 1) + ["False"]
    assert len(runs) > 8, "the rollup has more statements than were tried"
    assert site.query("SELECT count(*) FROM experiments_arrival") == [(0,)]
    assert stored(site) == counted(site)


def test_workers_of_a_killed_web_server_end_with_it(site: OwnSite) -> None:
    """They would go on listening, and the port would be taken for the one that follows."""
    assert site.server is not None
    parent = site.server.pid
    children = [
        int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]
    assert len(children) >= 2
    os.kill(parent, signal.SIGKILL)
    site.server.wait()
    wait_until(lambda: port_is_free(site.port), "the port is free")
    wait_until(lambda: not any(map(is_alive, children)), "the workers have ended")
    site.start_server()
