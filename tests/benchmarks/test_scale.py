"""Events through a log of three servers into ClickHouse, beside the same in Postgres: all figures.

COVERLIFT_SCALE_EVENTS=10000000 takes as many.
"""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection

from experiments.events.count_check import check
from experiments.events.draining import drain_block
from experiments.events.event_log import EventLog
from experiments.events.impressions import Row
from experiments.events.keys import DAY_MS, event_key, impression_id, pack_context
from experiments.events.moving import move_day
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.events.store import event_store, opened
from experiments.measures import Step
from experiments.models import DayCount
from experiments.serving import allocation_phases
from tests.benchmarks import processor
from tests.benchmarks.test_event_log import answers
from tests.benchmarks.test_stores import IN_CLICKHOUSE, IN_POSTGRES, used_s
from tests.experiments.world import make_experiment
from tests.nats_servers import nats_servers
from tests.waiting import wait_until

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
EVENTS = int(os.environ.get("COVERLIFT_SCALE_EVENTS", "1000000"))
BATCH, CONNECTIONS, SERVERS = 20, 8, 3
DAY, DAYS, VIDEOS = 6_000, 3, 300  # long closed
CLICKS_OF_100 = 6
VIEWS_AT_ONCE = 200_000


def test_through_the_log_into_clickhouse(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("chdb", reason="no chdb here: pip install -r requirements-clickhouse.txt")
    processor.backend_alone()
    told, settings.EVENTS = [], f"chdb:{tmp_path / 'chdb'}"
    experiment = make_experiment(videos=VIDEOS)
    cells = sorted(allocation_phases.cells(experiment).values())
    videos = sorted(experiment.videos.values_list("pk", flat=True))
    with nats_servers(tmp_path / "nats", SERVERS) as servers:
        log = EventLog([server.url for server in servers])
        wait_until(lambda: answers(log), "the log has a leader")
        sent, into_s = sent_into(log, cells, videos)
        drained, out_s = drained_from(log)
        log.close()
    told.append(f"{sent:,} events acknowledged by {SERVERS} servers: {sent / into_s:,.0f} a second")
    told.append(f"drained into ClickHouse: {drained / out_s:,.0f} a second")
    assert drained == sent
    rollup_s = used_s(roll_up)
    engine = opened(settings.EVENTS).shards[0]  # type: ignore[attr-defined]
    bytes_there = engine.query(IN_CLICKHOUSE)["bytes"].to_pylist()[0]
    told.append(f"counted by ClickHouse: {rollup_s:.1f} s of CPU; {counted():,} events")
    assert counted() == sent
    told += moved_to_postgres(settings, sent)
    engine.close()  # a process may have one open
    opened.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute(IN_POSTGRES)
        bytes_here = int(cursor.fetchone()[0])
    told.append(f"bytes an event: {bytes_here / sent:.1f} and {bytes_there / sent:.1f}")
    with capsys.disabled():
        print("", *told, sep="\n")


def moved_to_postgres(settings: Any, sent: int) -> Sequence[str]:
    """Move all to Postgres, count it there anew, and tell what it took: no count may change."""
    source, settings.EVENTS = event_store(), "postgres"
    days = range(DAY, DAY + DAYS)
    began = time.perf_counter()
    moved = sum(move_day(day, source) for day in days)
    took_s = time.perf_counter() - began
    changed: list[int] = []
    recount_s = used_s(lambda: changed.extend(day.changed for day in recount(days)))
    assert (moved, changed, check(days)) == (sent, [0] * DAYS, [])
    return (
        f"moved to Postgres and proved: {moved / took_s:,.0f} a second",
        f"counted by Postgres: {recount_s:.1f} s of CPU; not a row differs",
    )


def batches(cells: Sequence[int], videos: Sequence[int]) -> Iterator[list[Row]]:
    """Yield the views of some days, and the clicks of some, as pages send them."""
    random = np.random.default_rng(20)
    views = EVENTS * 100 // (100 + CLICKS_OF_100)
    for first in range(0, views, VIEWS_AT_ONCE):
        place = np.arange(first, min(first + VIEWS_AT_ONCE, views))
        ms = DAY * DAY_MS + place * (DAYS * DAY_MS) // views
        views_keys = event_key(impression_id(ms, 1, place % 512), Step.VIEWABLE)
        viewer = random.integers(0, 2**62, len(place) // 3 + 1)[place % (len(place) // 3 + 1)]
        video = np.array(videos)[random.integers(0, len(videos), len(place))]
        context = pack_context(
            random.geometric(0.08, len(place)), random.integers(0, 4, len(place)), place * 0
        )
        columns = (views_keys, viewer, video, np.array(cells)[viewer % len(cells)], context)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        clicked = random.random(len(place)) * 100 < CLICKS_OF_100
        events: list[Row] = [(*row, None) for row in rows]
        step = Step.CLICK - Step.VIEWABLE
        events += [
            (row[0] + step, *row[1:], None) for row, of in zip(rows, clicked, strict=True) if of
        ]
        events.sort(key=lambda row: row[0])
        yield from (events[start : start + BATCH] for start in range(0, len(events), BATCH))


def sent_into(log: EventLog, cells: Sequence[int], videos: Sequence[int]) -> tuple[int, float]:
    """Send all batches, so many at once; return how many events were acknowledged, and seconds."""
    sent, took_s, waiting = 0, 0.0, batches(cells, videos)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        while some := list(islice(waiting, VIEWS_AT_ONCE // BATCH)):
            began = time.perf_counter()
            list(pool.map(log.append, some))
            took_s += time.perf_counter() - began
            sent += sum(map(len, some))
    return sent, took_s


def drained_from(log: EventLog) -> tuple[int, float]:
    """Drain the log; return how many events were new, and seconds."""
    new, began = 0, time.perf_counter()
    while (block := drain_block(log)) is not None:
        new += block.new
    return new, time.perf_counter() - began


def counted() -> int:
    rows = DayCount.objects.values_list("views", "clicks")
    return sum((views or 0) + (clicks or 0) for views, clicks in rows)
