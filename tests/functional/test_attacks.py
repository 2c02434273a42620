"""What holds a site up elsewhere holds nothing up here: it answers, and goes on when it is over."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

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
        assert status_of(site, "/static/coverlift/beacon.js") == 200
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
