"""`make production`, as an operator runs it: a click becomes a count, and restarts lose nothing."""

import json
import os
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from standalone.processes import Program, free_port, port_is_free
from standalone.production import production_site
from standalone.stack import Site
from tests.functional.clients import Clients
from tests.functional.front import NGINX, Front, Person, log_in
from tests.functional.own_site import OwnSite, own_site, request
from tests.functional.own_workers import programs_of_tests
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.skipif(NGINX is None, reason="no nginx: Debian's package nginx has it"),
]
SCRIPT, HOMES = "93.184.216.34", "151.101.{}.1"
FAVOURITE = 1
NET = "SELECT sum(views), sum(clicks) FROM experiments_daycount WHERE flags = 0"
HOUR_S = 3600
WARM = 10  # answers after which the clients are well under way
PASSWORD = "a password of nobody else"
MAKE_ROOT = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("root", password="{PASSWORD}")
"""
# What a migration of a next release may do while this one serves: columns and an index more.
MORE = """
from django.db import connection, models
from experiments.models import Event, Experiment, Video

for model in (Video, Experiment, Event):
    column = models.IntegerField(null=True)
    column.set_attributes_from_name("of_next_release")
    with connection.schema_editor() as editor:
        editor.add_field(model, column)
with connection.cursor() as cursor:
    cursor.execute("CREATE INDEX CONCURRENTLY of_next_release ON experiments_daycount (views)")
"""


@dataclass
class Production:
    """The running site: its database, its programs, its address."""

    own: OwnSite
    running: Site
    front: Front

    def counted(self) -> Counter[str]:
        """Return what is counted, once that is all that is stored, by earlier tests too."""
        wait_until(
            lambda: not self.own.query("SELECT 1 FROM experiments_arrival"),
            "all that is stored is counted",
        )
        return self.own.counted()

    def clients_go_on(self, clients: Clients) -> None:
        clients.wait_until(200, times=clients.answers[200] + WARM)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder, port = tmp_path_factory.mktemp("production"), three_free_ports()
    with (
        own_site(folder / "postgres") as own,
        programs_of_tests(folder),
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in os.environ.items():
            patch.setenv(name, value)  # which it does away with in the end
        patch.setenv("DATABASE_URL", own.database_url)
        patch.setenv("COVERLIFT_MEDIA_ROOT", str(folder / "media"))
        (folder / "media").mkdir()
        with production_site(port, folder / "own") as running:
            own.environment = {**os.environ, **running.environment}
            own.python("manage.py", "shell", "-v", "0", "-c", MAKE_ROOT)
            front = Front(port, port + 1)
            wait_until(lambda: front.request("GET", "/readyz")[0] == 200, "the proxy answers")
            yield Production(own, running, front)


def three_free_ports() -> int:
    """Return the first of three that follow one another, as `make production` takes them."""
    while True:
        port = free_port()
        if port < 65000 and all(port_is_free(port + more) for more in (1, 2)):
            return port


def counted(person: Person, measure: str) -> int:
    rows = json.loads(person.get("/api/v1/experiments/pilot/counts"))["results"]
    return sum(row[measure] for row in rows)


def test_a_click_becomes_a_count_of_the_report(production: Production) -> None:
    front = production.front
    page = front.ask("/feed/pilot/")[2].decode()
    token, *_ = re.findall(r'data-coverlift-token="([^"]+)"', page)
    events = [{"token": token, "step": step} for step in ("viewable", "click")]
    status, told = front.request("POST", "/api/events", json.dumps({"events": events}).encode())
    assert (status, told["accepted"]) == (200, 2)
    operator = log_in(front, "root", PASSWORD)
    wait_until(lambda: counted(operator, "clicks") == 1, "the click is counted")
    assert counted(operator, "views") == 1
    assert b"<h1" in operator.get("/dashboards/pilot/")


def restart(program: Program) -> None:
    """End a program as an upgrade does, and start it again."""
    program.process.terminate()
    program.process.wait()
    assert program.revive()


def test_a_rolling_restart_loses_no_acknowledged_event(production: Production) -> None:
    before = production.counted()
    clients = Clients(production.front, "rolling")
    clients.wait_until(200, times=WARM)
    production.own.kill_postgres()
    production.own.start_postgres()
    production.clients_go_on(clients)
    for program in production.running.running:  # the web servers, too: their connections are dead
        restart(program)
        production.clients_go_on(clients)
    clients.finish()
    assert production.counted() == before + clients.acknowledged


def figure(port: int, name: str) -> float:
    """Ask a web server itself for a figure, as Prometheus does; any of them may answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def test_any_web_server_tells_the_figures_of_all(production: Production) -> None:
    port = production.front.port + 2
    before = figure(port, "coverlift_ingest_seconds_count")
    slots = request(port, "GET", "/api/feed?viewer=measured&count=20")[1]["slots"]
    tokens = [slot["token"] for slot in slots if slot["token"]]  # type: ignore[attr-defined]
    for token in tokens:  # each by a connection of its own, which any of the servers takes
        body = json.dumps({"events": [{"token": token, "step": "viewable"}]}).encode()
        assert request(port, "POST", "/api/events", body)[0] == 200
    for _ in range(10):
        assert figure(port, "coverlift_ingest_seconds_count") == before + len(tokens)


def test_a_migration_that_adds_is_done_while_the_site_serves(production: Production) -> None:
    before = production.counted()
    clients = Clients(production.front, "migrating")
    clients.wait_until(200, times=WARM)
    production.own.python("manage.py", "shell", "-v", "0", "-c", MORE)
    production.own.python("manage.py", "migrate", "--verbosity", "0")
    production.clients_go_on(clients)
    clients.finish()
    assert set(clients.answers) <= {200, 429}
    assert production.counted() == before + clients.acknowledged


def visit(port: int, viewer: str, sender: str, clicks: int | None) -> bytes:
    """Tell that all of a feed was seen, and click on one arm; return the first event as it was."""
    page = request(port, "GET", f"/api/feed?viewer={viewer}&count=30", sender=sender)[1]
    slots: list[dict[str, object]] = page["slots"]  # type: ignore[assignment]
    told = [{"token": slot["token"], "step": "viewable"} for slot in slots]
    told += [{"token": slot["token"], "step": "click"} for slot in slots if slot["arm"] == clicks]
    body = json.dumps({"events": told}).encode()
    assert request(port, "POST", "/api/events", body, sender=sender)[0] == 200
    return json.dumps({"events": told[:1]}).encode()  # little enough to be told again and again


def test_a_script_with_many_names_and_one_favourite_leaves_the_net_figures(
    production: Production,
) -> None:
    """What each hour's search for bots does; tests of its rules: test_invented_clicks.py."""
    site, port = production.own, production.front.port + 2
    before = production.counted()
    homes = [HOMES.format(number) for number in range(9)]
    for number, home in enumerate(homes):
        visit(port, f"home-{number}", home, clicks=None)
    site.python("manage.py", "rollup")
    honest = site.query(NET)
    for number in range(20):
        last = visit(port, f"name-{number}", SCRIPT, clicks=FAVOURITE)
    site.python("manage.py", "rollup")
    assert site.query(NET)[0][1] > honest[0][1] + 100, "its clicks count until they are looked at"

    def is_noted() -> bool:
        request(port, "POST", "/api/events", last, sender=SCRIPT)
        names = "SELECT count(*) FROM experiments_networkvisit GROUP BY network"
        return (20,) in site.query(names)

    wait_until(is_noted, "the web servers have written which names came from where")
    site.python("manage.py", "flag_bots")
    site.python("manage.py", "rollup")
    assert site.query(NET) == honest
    assert production.counted()["click"] > before["click"] + 100
    every_s: Any = settings.CELERY_BEAT_SCHEDULE["flag_bots"]["schedule"]
    assert every_s <= HOUR_S
