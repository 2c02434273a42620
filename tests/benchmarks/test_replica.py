"""The pilot at a scale of choice (COVERLIFT_REPLICA_SCALE, 0.1), beside a bare COPY of it."""

import os
import resource
import time
from dataclasses import replace

import numpy as np
import pytest
from django.db import connection, transaction

from experiments.analysis.report.build import build
from experiments.analysis.report.cache import current
from experiments.events import bulk
from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.count_check import check_sample
from experiments.events.keys import DAY_MS, TIME_SHIFT
from experiments.events.rollup import roll_up
from experiments.events.store.binary_copy import copy_into
from experiments.paper import PILOT_VIDEOS
from experiments.studies import replica
from experiments.studies.replica.rows import Rows
from experiments.studies.simulation.catalogue import drawn_catalogue

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
SCALE = float(os.environ.get("COVERLIFT_REPLICA_SCALE", "0.1"))
SEED = 20210202


def on_time(rows: Rows, day: int) -> EventColumns:
    return EventColumns.joined([hour.on_time for hour in rows.of_day(day)])


def bare_copy(rows: Rows, *, logged: bool) -> tuple[float, int]:
    """Return seconds of COPY alone into a table without index, and how many rows."""
    took_s, count = 0.0, 0
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE experiments_event)")
        for day in range(replica.DAYS):
            events = on_time(rows, day)
            count += len(events.key)
            started = time.perf_counter()
            with transaction.atomic():
                if not logged:  # Postgres logs nothing of a table made in the same transaction
                    cursor.execute("DROP TABLE bare")
                    cursor.execute("CREATE TABLE bare (LIKE experiments_event)")
                copy_into(cursor, "bare", events)
            took_s += time.perf_counter() - started
        cursor.execute("DROP TABLE bare")
    return took_s, count


def one_more_day(rows: Rows) -> EventColumns:
    """Return the first day's events as if they were of the day after the month."""
    events = on_time(rows, 0)
    return replace(events, key=events.key + (replica.DAYS * DAY_MS << TIME_SHIFT))


def timed(work: object) -> float:
    started = time.perf_counter()
    assert callable(work)
    work()
    return time.perf_counter() - started


def test_the_pilot_beside_a_bare_copy(capsys: pytest.CaptureFixture[str]) -> None:
    entries = drawn_catalogue(PILOT_VIDEOS, SEED)
    drawn = replica.prepare("bench", entries, scale=SCALE, seed=SEED, catalogue="Drawn.")
    month_s = timed(lambda: list(replica.write_and_count(drawn)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('experiments_event')"
            " WHERE isleaf"
        )
        disk = float(cursor.fetchone()[0])
    report_s = timed(lambda: build(drawn.experiment))
    current(drawn.experiment)
    kept_s = float(np.median([timed(lambda: current(drawn.experiment)) for _ in range(9)]))
    differences = check_sample(50, seed=1)[1]
    rows = Rows.of(drawn, 0)
    logged_s, count = bare_copy(rows, logged=True)
    unlogged_s, _ = bare_copy(rows, logged=False)
    copy_events(one_more_day(rows))
    day_s = timed(roll_up)
    first = on_time(rows, 0)
    with capsys.disabled():
        print(
            f"\nscale {SCALE}: {count} rows on time; drawn, written, indexed and counted in"
            f" {month_s:.1f} s; bare COPY {logged_s:.1f} s ({month_s / logged_s:.2f} x, limit 3),"
            f" not logged {unlogged_s:.1f} s ({month_s / unlogged_s:.2f} x);"
            f" peak of the writer {peak_mb:.0f} MB (limit 1000); {disk / count:.1f} bytes a row"
            f" (limit 80)\none more day of {len(first.key)} rows counted in {day_s:.2f} s, a day of"
            f" the month written and counted in {month_s / replica.DAYS:.2f} s;"
            f" report {report_s:.2f} s, kept {1000 * kept_s:.0f} ms;"
            f" 50 random cells recounted: {len(differences)} differ"
        )
    assert bulk.is_stored(int(first.key[0]))
    assert not differences
