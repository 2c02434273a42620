"""Rollups beside writers, recounts and each other: nothing missed, nothing counted twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from django.db import connection, transaction
from django.db.models import Sum

from experiments.events import ingest
from experiments.events.bulk import copy_events
from experiments.events.clock import now_ms
from experiments.events.columns import EventColumns
from experiments.events.count_check import check, counted_days
from experiments.events.keys import DAY_MS, MINUTE_MS, event_key, impression_id
from experiments.events.partitions import ensure_days
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.models import DayCount

pytestmark = pytest.mark.django_db(transaction=True)
CLOSED_DAY = 6100


@pytest.fixture(params=["closed day", "open day", "open hour"])
def from_ms(request: pytest.FixtureRequest) -> int:
    """Return a time that is counted by the day, one counted by the hour, one by the minute."""
    open_ms = {"open day": now_ms() - DAY_MS // 8, "open hour": now_ms() - MINUTE_MS}
    return open_ms.get(request.param, CLOSED_DAY * DAY_MS)


def write(from_ms: int, writer: int, batch: int) -> None:
    """Store ten clicks that no one else stores; of an open day as the beacon's door does."""
    ids = [impression_id(from_ms + batch * 5_000, writer, number) for number in range(10)]
    if from_ms == CLOSED_DAY * DAY_MS:
        ones = np.ones(10, dtype=np.int64)
        copy_events(EventColumns(np.array(ids) | Step.CLICK, ones, ones, ones, ones))
    else:
        ingest.store([(event_key(made, Step.CLICK), 1, 1 + batch, 1, 1, None) for made in ids])


def days(from_ms: int) -> list[int]:
    """Return the days that are written to."""
    return [from_ms // DAY_MS, from_ms // DAY_MS + 1]


def clicks() -> int:
    counted: int = DayCount.objects.aggregate(clicks=Sum("clicks", default=0))["clicks"]
    return counted


def closing(work: Callable[[], None]) -> None:
    """Do a thread's work and give its connection back."""
    try:
        work()
    finally:
        connection.close()


def test_a_transaction_that_commits_late_is_counted_then(from_ms: int) -> None:
    """The gap that a watermark by id or time would leave: written before, committed after."""
    ensure_days(days(from_ms))
    written, may_commit = threading.Event(), threading.Event()

    def write_and_dally() -> None:
        with transaction.atomic():
            write(from_ms, 1, batch=0)
            written.set()
            assert may_commit.wait(30)

    slow = threading.Thread(target=closing, args=(write_and_dally,))
    slow.start()
    assert written.wait(30)
    for batch in range(3):  # later keys and transactions, committed and counted meanwhile
        write(from_ms, 2, batch)
        roll_up()
    assert clicks() == 30
    assert check(counted_days()) == []
    may_commit.set()
    slow.join(30)
    assert clicks() == 30
    roll_up()
    assert clicks() == 40
    assert check(counted_days()) == []


@pytest.mark.parametrize("other", ["rollup", "recount"])
def test_rollups_and_recounts_at_once_beside_four_writers(from_ms: int, other: str) -> None:
    counting = {"rollup": roll_up, "recount": lambda: list(recount(days(from_ms)))}
    ensure_days(days(from_ms))
    done = threading.Event()

    def write_many(writer: int) -> None:
        for batch in range(25):
            write(from_ms, writer, batch)

    def count_on(count: Callable[[], object]) -> None:
        while not done.is_set():
            count()

    with ThreadPoolExecutor(6) as pool:
        rollups = [
            pool.submit(closing, partial(count_on, count)) for count in (roll_up, counting[other])
        ]
        writers = [pool.submit(closing, partial(write_many, i)) for i in range(4)]
        try:
            for writer in writers:
                writer.result(timeout=60)
        finally:
            done.set()  # a writer that fails must not leave the rollups turning
        for rollup in rollups:
            rollup.result(timeout=60)
    roll_up()
    assert clicks() == 4 * 25 * 10
    assert check(counted_days()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM experiments_arrival")
        assert cursor.fetchone() == (0,)
