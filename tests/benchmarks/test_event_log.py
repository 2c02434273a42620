"""Events a second into the event log, and out of it into the store; prints figures alone."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from experiments.events.draining import drain_block
from experiments.events.event_log import EventLog
from experiments.events.impressions import Row
from experiments.events.keys import DAY_MS, event_key, impression_id
from experiments.events.store import event_store
from experiments.measures import Step
from experiments.models import Event
from experiments.serving import allocation_phases
from tests.experiments.world import make_experiment
from tests.nats_servers import nats_servers
from tests.waiting import wait_until

pytestmark = pytest.mark.benchmark
BATCH, BATCHES, CONNECTIONS = 20, 2_000, 8
DAY = 6000


def batches(cell: int, video: int) -> list[list[Row]]:
    place = np.arange(BATCH * BATCHES)
    impressions = impression_id(DAY * DAY_MS + place, 1, place % 512)
    keys = event_key(impressions, Step.VIEWABLE).tolist()
    rows: list[Row] = [(key, key % 10_007, video, cell, 0, None) for key in keys]
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def answers(log: EventLog) -> bool:
    try:
        return log.next_block() is None
    except Exception:  # noqa: BLE001  the cluster has no leader yet
        return False


@pytest.mark.django_db
@pytest.mark.parametrize("servers", [1, 3])
def test_into_the_log_and_out_of_it(
    servers: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = make_experiment(videos=1)
    cell = allocation_phases.cells(experiment)[0]
    sent = batches(cell, experiment.videos.get().pk)
    event_store().prepare([DAY])
    took_s: list[float] = []
    with nats_servers(tmp_path, servers) as running:
        log = EventLog([server.url for server in running])
        wait_until(lambda: answers(log), "the log has a leader")

        def append(batch: list[Row]) -> None:
            began = time.perf_counter()
            log.append(batch)
            took_s.append(time.perf_counter() - began)

        began = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(append, sent))
        into_s, began = time.perf_counter() - began, time.perf_counter()
        while drain_block(log) is not None:
            pass
        out_s = time.perf_counter() - began
        log.close()
    events = BATCH * BATCHES
    with capsys.disabled():
        print(
            f"\n{servers} servers, batches of {BATCH}, {CONNECTIONS} at once: "
            f"{events / into_s:,.0f} events/s into the log, "
            f"p99 {1000 * np.percentile(took_s, 99):.0f} ms; {events / out_s:,.0f} out of it"
        )
    assert Event.objects.count() == events
