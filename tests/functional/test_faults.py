"""Kill -9 at the worst moments: afterwards acknowledged = stored = counted."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from secrets import token_urlsafe

import pytest
from django.conf import settings

from standalone.processes import port_is_free
from tests.functional.clients import Clients
from tests.functional.own_site import OwnSite, own_site, request
from tests.waiting import is_alive, wait_until

pytestmark = pytest.mark.functional
WARM = 20  # answers after which the clients are well under way


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    with own_site(tmp_path_factory.mktemp("faults") / "postgres") as running:
        running.start_server()
        yield running


COUNT = """
import django
django.setup()
from django.core.management import call_command
call_command("rollup")
call_command("check_counts")
"""


def counted(site: OwnSite) -> Counter[str]:
    site.python("-c", COUNT)
    return site.counted()


def test_the_server_is_killed_mid_request(site: OwnSite) -> None:
    before = site.stored()
    clients = Clients(site, "server")
    clients.wait_until(200, times=WARM)
    site.kill_server()
    clients.wait_until(0)
    site.start_server()
    clients.wait_until(200, times=clients.answers[200] + WARM)
    clients.finish()
    assert set(clients.answers) <= {0, 200, 503}
    assert before + clients.acknowledged == site.stored() == counted(site)


def test_postgres_is_killed_mid_commit(site: OwnSite) -> None:
    before = site.stored()
    clients = Clients(site, "postgres")
    clients.wait_until(200, times=WARM)
    site.kill_postgres()
    clients.wait_until(503)
    site.start_postgres()
    clients.wait_until(200, times=clients.answers[200] + WARM)
    clients.finish()
    assert set(clients.answers) <= {200, 503}
    assert before + clients.acknowledged == site.stored() == counted(site)


def test_a_new_token_key_loses_no_token_of_the_old_one(site: OwnSite) -> None:
    before = site.stored()
    page = request(site.port, "GET", "/api/feed?viewer=rotating&count=20")[1]
    first_keys = settings.TOKEN_KEYS[0]
    site.environment["COVERLIFT_TOKEN_KEYS"] = f"2:{token_urlsafe(40)},{first_keys}"
    site.kill_server()
    site.start_server()
    tokens = [slot["token"] for slot in page["slots"] if slot["token"]]  # type: ignore[attr-defined]
    body = json.dumps({"events": [{"token": each, "step": "viewable"} for each in tokens]}).encode()
    assert request(site.port, "POST", "/api/events", body)[1]["accepted"] == len(tokens) > 0
    assert site.stored() - before == Counter(viewable=len(tokens))
    new = request(site.port, "GET", "/api/feed?viewer=rotated&count=20")[1]
    signed = {slot["token"].partition(".")[0] for slot in new["slots"] if slot["token"]}  # type: ignore[attr-defined]
    assert {each.partition(".")[0] for each in tokens} == {"1"} != signed == {"2"}


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
    assert site.stored() == counted(site)


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
