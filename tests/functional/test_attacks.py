"""What holds a site up elsewhere holds nothing up here: it answers, and goes on when it is over."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from standalone.processes import Program, programs, site_commands
from tests.functional.own_site import OwnSite, own_site, request
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
THREADS = 16  # of the web server
WITHIN_S = 60.0  # what holds the site up holds it up for ever


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    with own_site(tmp_path_factory.mktemp("attacks") / "postgres") as running:
        running.environment["COVERLIFT_STATEMENT_TIME_S"] = "1"
        running.start_server()
        yield running


def status_of(site: OwnSite, path: str) -> int:
    return request(site.port, "GET", path, within_s=WITHIN_S)[0]


def test_a_database_that_hangs_is_a_503_and_all_else_is_served(site: OwnSite) -> None:
    with site.hanging_postgres(), ThreadPoolExecutor(2 * THREADS) as viewers:
        first = [viewers.submit(status_of, site, "/dashboards/") for _ in range(2 * THREADS)]
        assert {each.result() for each in first} == {503}
        # While one thread tries the database, those that need none are free.
        assert status_of(site, "/readyz") == 503
        assert status_of(site, "/healthz") == 200
        assert status_of(site, "/static/coverlift/feed.js") == 200
    wait_until(lambda: status_of(site, "/dashboards/") == 200, "the site goes on by itself")


def test_a_body_in_chunks_is_taken(site: OwnSite) -> None:
    events = {"events": [{"token": "1.none", "step": "click"}]}
    text = json.dumps(events).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (text[:9], text[9:], b""))
    with socket.create_connection(("127.0.0.1", site.port), timeout=WITHIN_S) as client:
        client.sendall(
            b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\n" + chunks
        )
        answer = b"".join(iter(partial(client.recv, 65536), b""))
    assert b'"rejected":{"truncated":1}' in answer


def children(process_id: int) -> list[int]:
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in path.read_text().split()]


def test_a_worker_that_is_killed_again_and_again_takes_no_other_down(site: OwnSite) -> None:
    site.kill_server()
    commands = site_commands(site.port, with_beat=False)
    webs = {name: words for name, words in commands.items() if name.startswith("web")}
    with programs(webs, site.environment) as (killed, healthy):
        wait_until(lambda: status_of(site, "/readyz") == 200, "the site answers")
        wait_until(lambda: bool(children(healthy.process.pid)), "the other one has its worker")
        workers = children(healthy.process.pid)
        for _ in range(3):
            wait_until(lambda: bool(children(killed.process.pid)), "it has a worker")
            victims = children(killed.process.pid)
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            wait_until(lambda: status_of(site, "/readyz") == 200, "the other one answers")
            wait_until(partial(has_others, killed, victims), "it comes back")
        assert children(healthy.process.pid) == workers
        assert healthy.process.poll() is None


def has_others(program: Program, victims: list[int]) -> bool:
    program.revive()
    return bool(set(children(program.process.pid)) - set(victims))
