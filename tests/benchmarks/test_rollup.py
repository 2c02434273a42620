"""New events in a day that has millions already: counted by what changed, beside the whole day."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from django.db import connection, transaction
from django.db.models import Sum

from experiments.events import ingest
from experiments.events.bulk import copy_events
from experiments.events.clock import now_ms
from experiments.events.columns import EventColumns
from experiments.events.count_check import check
from experiments.events.count_tables import begin_counting
from experiments.events.counts_by_time import BY_DAY, BY_HOUR
from experiments.events.impressions import Row
from experiments.events.keys import DAY_MS, HOUR_MS, event_key, impression_id, key_step
from experiments.events.open_days import hours_of
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.models import DayCount
from tests.benchmarks import processor
from tests.benchmarks.memory import MemoryWatch
from tests.benchmarks.test_bulk import ROWS_A_DAY, VIDEOS, day_of_events

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
ROLLUPS = 20
EVENTS_IN_5_S = 200  # the pilot's


def test_new_events_in_a_day_of_millions(capsys: pytest.CaptureFixture[str]) -> None:
    processor.backend_alone()
    yesterday = now_ms() // DAY_MS - 1
    copy_events(day_of_events(yesterday, [1, 2, 3], ROWS_A_DAY, seed=0))
    first_s = used_s(roll_up)
    one_s = of_new_events(yesterday, 1)
    many_s = of_new_events(yesterday, EVENTS_IN_5_S)
    whole_s = used_s(lambda: count_whole(yesterday))
    assert check([yesterday]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('experiments_videohourcount') / 1e6")
        kept_mb = float(cursor.fetchone()[0])
    with capsys.disabled():
        print(
            f"\na day of {ROWS_A_DAY:,} events, CPU of Postgres: one event more {one_s:.3f} s"
            f" (limit 0.1), {EVENTS_IN_5_S} more in an hour {many_s:.3f} s; the whole day counted"
            f" anew, as before, {whole_s:.2f} s: {whole_s / one_s:.0f} and {whole_s / many_s:.0f}"
            f" times; its first count, sums by hour and all, {first_s:.1f} s; sums by hour of an"
            f" open day {kept_mb:.0f} MB"
        )


def test_memory_of_a_day_of_watched_clicks(capsys: pytest.CaptureFixture[str]) -> None:
    """Every click of a closed day is also watched for long: these are looked up in memory."""
    processor.backend_alone()
    before = now_ms() // DAY_MS - 5
    copy_events(with_watches(day_of_events(before, [1, 2, 3], ROWS_A_DAY, seed=0)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    watch = MemoryWatch(pid)
    took_s = used_s(roll_up)
    peak = watch.stop()
    (clicks,) = DayCount.objects.aggregate(Sum("watched_clicks")).values()
    with capsys.disabled():
        print(
            f"\na closed day of {ROWS_A_DAY:,} events and {clicks:,} watched clicks counted:"
            f" {took_s:.1f} s of CPU; memory of Postgres' process, without what all share,"
            f" {peak.parts[0].own:.0f} MB at most (work_mem 64 MB)"
        )


def with_watches(day: EventColumns) -> EventColumns:
    """Return a day's events, each click followed by 20 seconds of watching."""
    clicks = day.take(np.flatnonzero(key_step(day.key) == Step.CLICK))
    watches = replace(clicks, key=clicks.key + int(Step.WATCHED - Step.CLICK))
    columns = {
        name: np.concatenate([getattr(day, name), getattr(watches, name)])
        for name in ("key", "viewer", "video", "cell", "context")
    }
    watched = np.concatenate([np.full(len(day.key), -1), np.full(len(watches.key), 20_000)])
    order = np.argsort(columns["key"], kind="stable")
    return EventColumns(**columns, watched_ms=watched).take(order)


def of_new_events(day: int, events: int) -> float:
    """Return the CPU time of a rollup after so many new events of one hour, the mean of some."""
    total_s = 0.0
    for seed in range(ROLLUPS):
        ingest.store(new_rows(day, events, seed))
        total_s += used_s(roll_up)
    return total_s / ROLLUPS


def new_rows(day: int, events: int, seed: int) -> list[Row]:
    rng = np.random.default_rng([seed, events])
    start = day * DAY_MS + 10 * HOUR_MS
    keys = [
        event_key(impression_id(start + int(ms), 7, seed), Step.VIEWABLE)
        for ms in rng.choice(HOUR_MS, events, replace=False)
    ]
    videos, cells = rng.integers(1, VIDEOS + 1, events), rng.integers(1, 4, events)
    return [
        (key, 5, int(video), int(cell), 3, None)
        for key, video, cell in zip(keys, videos, cells, strict=True)
    ]


def count_whole(day: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        begin_counting(cursor)
        BY_DAY.replace(cursor, day, day)
        BY_HOUR.replace(cursor, hours_of(day)[0], hours_of(day)[-1])


def used_s(work: Callable[[], object]) -> float:
    before_s = processor.backend_s()
    work()
    return processor.backend_s() - before_s
