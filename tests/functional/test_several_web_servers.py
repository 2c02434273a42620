"""Several web servers of one site: what changes reaches each of them within the stated time."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.serving.feed_state import MAX_AGE_S
from standalone.processes import free_port
from tests.functional.own_site import OwnSite, own_site

# Half a minute of two cores for what a process alone shows, too: `make scale` runs it.
pytestmark = [pytest.mark.functional, pytest.mark.benchmark]
SERVERS, VIEWERS = 2, 40  # each server has two processes
SELECTOR = re.compile(r"thumbnails/pilot-\d+-(\w+)")
ANOTHER = """
import django
django.setup()
from tests.experiments.world import make_experiment
make_experiment("another", videos=3)
"""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[OwnSite]]:
    with own_site(tmp_path / "site", videos=3) as first, ExitStack() as stack:
        first.python("-c", ANOTHER)
        found = [first, *(replace(first, port=free_port()) for _ in range(SERVERS - 1))]
        for server in found:
            stack.callback(server.kill_server)
            server.start_server()
        yield found


def feeds(server: OwnSite, experiment: str) -> list[tuple[int, dict[str, object]]]:
    """Return the answers to many viewers, by all processes of a server."""
    asked = f"/api/feed?experiment={experiment}&viewer="
    return [server.request("GET", f"{asked}v{number}") for number in range(VIEWERS)]


def selectors(server: OwnSite) -> set[str]:
    return set(SELECTOR.findall(json.dumps([page for _, page in feeds(server, "pilot")])))


def statuses(server: OwnSite) -> set[int]:
    return {status for status, _ in feeds(server, "another")}


def test_shares_and_an_end_reach_each_server_within_the_stated_time(
    servers: list[OwnSite],
) -> None:
    assert [selectors(server) for server in servers] == [{"raw", "re_seq2seq", "gevaden"}] * SERVERS
    assert [statuses(server) for server in servers] == [{200}] * SERVERS
    change = ("change_experiment", "pilot", "--weight", "raw=1", "--weight", "re_seq2seq=0",
              "--weight", "gevaden=1", "--ramp", "1", "--why", "a trial")  # fmt: skip
    servers[0].python("manage.py", *change)
    servers[0].python("manage.py", "end_experiment", "another")
    time.sleep(MAX_AGE_S)  # for which a process may go on with what it knew
    assert [selectors(server) for server in servers] == [{"raw", "gevaden"}] * SERVERS
    assert [statuses(server) for server in servers] == [{410}] * SERVERS
