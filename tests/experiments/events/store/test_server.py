"""Two servers of the present engine, by clickhouse-connect: the same counts, and none of one."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import OperationalError

from experiments.events.keys import DAY_MS
from experiments.events.store import event_store
from experiments.events.store.cubes import Chosen, Cube
from experiments.measures import Step
from tests.experiments.events.journeys import Journey
from tests.experiments.events.store.test_clickhouse import rolled_back

pytest.importorskip("clickhouse_connect", reason="pip install -r requirements-clickhouse.txt")
pytest.importorskip("chdb", reason="pip install -r requirements-clickhouse.txt")
from tests.experiments.events.store.chdb_server import DATABASE, Server, chdb_servers

# Two more engines take their time to start: `make scale` runs it.
pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
SHARDS, IMPRESSIONS, SEED = 2, 60, 20


@pytest.fixture
def servers(tmp_path: Path, settings: Any) -> Iterator[list[Server]]:
    """Give the servers that are the place of events."""
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    with chdb_servers(tmp_path, SHARDS) as running:
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in running)
        settings.EVENTS = f"clickhouse://{hosts}/{DATABASE}"
        yield running


def test_they_count_as_postgres_does_and_a_lost_one_is_an_error(
    servers: list[Server], settings: Any
) -> None:
    random = Random(SEED)  # noqa: S311  no secret
    sent = [journey(random) for _ in range(IMPRESSIONS)]
    by_servers = rolled_back(sent, SEED)
    assert event_store().days()  # they have the events, and not Postgres
    servers[1].kill()
    with pytest.raises(OperationalError, match=r"127\.0\.0\.1"):
        event_store().counted(Cube(("cell",), Chosen()))
    settings.EVENTS = "postgres"
    assert rolled_back(sent, SEED) == by_servers


def journey(random: Random) -> Journey:
    """Return an impression that was seen, perhaps clicked, and then perhaps watched."""
    steps = {Step.VIEWABLE: 0}
    for step in (Step.CLICK, Step.WATCHED):
        if random.random() < 0.5:
            steps[step] = 0
    return Journey(random.randrange(2 * DAY_MS), random.randint(1, 3), random.randint(1, 3),
                   steps=steps, watched_ms=random.randrange(30_000))  # fmt: skip
