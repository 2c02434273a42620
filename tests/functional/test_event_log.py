"""Three log servers under load: the leader and the database are killed, and no event is lost."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import nats
import pytest

from experiments.events.event_log import STREAM
from tests.functional.own_site import ROOT, OwnSite, own_site
from tests.nats_servers import NatsServer, nats_servers
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
VIEWERS = 30
AWAY_S = 30.0
COUNTED = "SELECT coalesce(sum(views), 0)::int FROM experiments_daycount"


def leader(servers: list[NatsServer]) -> NatsServer:
    async def ask() -> str:
        client = await nats.connect(servers=[server.url for server in servers])
        found = await client.jetstream().stream_info(STREAM)
        await client.close()
        assert found.cluster is not None
        return str(found.cluster.leader)

    name = asyncio.run(ask())
    return servers[int(name.rpartition("-")[2])]


def batches(site: OwnSite) -> list[bytes]:
    """Return the views of each viewer's page."""
    found = []
    for viewer in range(VIEWERS):
        _, page = site.request("GET", f"/api/feed?viewer=v{viewer}")
        slots = page["slots"]
        assert isinstance(slots, list)
        views = [{"token": slot["token"], "step": "viewable"} for slot in slots if slot["token"]]
        found.append(json.dumps({"events": views}).encode())
    return found


def accepted(site: OwnSite, batch: bytes) -> int:
    """Send a batch until it is acknowledged, as a page does; return how many events it has."""
    taken: list[int] = []

    def is_taken() -> bool:
        status, answer = site.request("POST", "/api/events", batch)
        if status == 200:
            taken.append(int(str(answer["accepted"])))
        else:
            print(status, answer)  # shown where it never is taken
        return status == 200

    wait_until(is_taken, "the log takes a batch")
    return taken[0]


def drained(site: OwnSite) -> bool:
    """Drain, and tell whether the log answered: servers that were killed choose a leader anew."""
    done = subprocess.run([sys.executable, "manage.py", "drain"], env=site.environment, cwd=ROOT,
                          capture_output=True, check=False)  # fmt: skip
    return done.returncode == 0


def test_what_is_acknowledged_is_stored_and_counted(tmp_path: Path) -> None:
    with nats_servers(tmp_path / "nats", 3) as servers, own_site(tmp_path / "site") as site:
        site.environment["COVERLIFT_EVENT_LOG"] = ",".join(server.url for server in servers)
        site.start_server()
        sent = batches(site)
        taken = accepted(site, sent[0])
        lost = leader(servers)
        lost.kill()
        taken += sum(accepted(site, batch) for batch in sent[1:10])
        site.kill_postgres()
        taken += sum(accepted(site, batch) for batch in sent[10:])
        lost.start()
        site.start_postgres()
        assert taken > VIEWERS
        assert site.query("SELECT count(*)::int FROM experiments_event") == [(0,)]
        wait_until(lambda: drained(site), "the log has a leader again, and the drain its events")
        site.python("manage.py", "rollup")
        assert site.query("SELECT count(*)::int FROM experiments_event") == [(taken,)]
        assert site.query(COUNTED) == [(taken,)]


@pytest.mark.benchmark  # it takes its time: `make scale` runs it
def test_events_are_taken_while_their_store_is_away_for_long(tmp_path: Path) -> None:
    with nats_servers(tmp_path / "nats", 1) as (log,), own_site(tmp_path / "site") as site:
        site.environment["COVERLIFT_EVENT_LOG"] = log.url
        site.start_server()
        first, *later = batches(site)
        taken = accepted(site, first)
        site.kill_postgres()
        for batch in later:
            time.sleep(AWAY_S / len(later))
            taken += accepted(site, batch)
        assert not drained(site), "nothing is stored, and nothing taken away"
        site.start_postgres()
        assert drained(site)
        site.python("manage.py", "rollup")
        assert site.query("SELECT count(*)::int FROM experiments_event") == [(taken,)]
        assert site.query(COUNTED) == [(taken,)]
