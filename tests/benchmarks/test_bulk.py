"""Many rows: import with checks, disk, rollup, and one more day; each beside its raw limit."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.db import connection

from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.count_check import check, counted_days
from experiments.events.keys import DAY_MS, impression_id, pack_context
from experiments.events.rollup import roll_up
from experiments.events.store.binary_copy import copy_into
from experiments.events.transfer.files import SCHEMA
from experiments.events.transfer.import_events import import_events
from experiments.measures import Step
from experiments.models import Event, Experiment, Video
from experiments.serving import allocation_phases
from experiments.surface import Surface
from tests.experiments.world import make_experiment

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
ROWS_A_DAY = 3_500_000  # the pilot's: 105.5 million impressions in a month
VIDEOS = 9_814
FIRST_DAY = 6_100


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def day_of_events(day: int, cells: list[int], rows: int, seed: int) -> EventColumns:
    """Draw a day: impressions spread evenly, 6 in a hundred clicked."""
    rng = np.random.default_rng(seed)
    impressions = int(rows / 1.06)
    ms = day * DAY_MS + np.sort(rng.integers(0, DAY_MS, impressions))
    first = np.searchsorted(ms, ms)
    ids = impression_id(ms, 0, np.arange(impressions) - first)
    clicked = np.flatnonzero(rng.random(impressions) < 0.06)
    row = np.concatenate([np.arange(impressions), clicked])
    key = np.concatenate([ids | Step.VIEWABLE, ids[clicked] | Step.CLICK])
    order = np.argsort(key, kind="stable")
    row = row[order]
    position, device = rng.integers(0, 30, impressions), rng.integers(1, 4, impressions)
    return EventColumns(
        key=key[order],
        viewer=rng.integers(0, 2**63, impressions)[row],
        video=rng.integers(1, VIDEOS + 1, impressions)[row],
        cell=np.array(cells)[rng.integers(0, len(cells), impressions)][row],
        context=pack_context(position, device, np.zeros_like(position))[row],
    )


def bare_copy(events: list[EventColumns]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute("CREATE TABLE bare (LIKE experiments_event)")
        for columns in events:
            copy_into(cursor, "bare", columns)


def run_sql(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def bytes_a_row(rows: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('experiments_event')"
            " WHERE isleaf"
        )
        return float(cursor.fetchone()[0]) / rows


def test_ten_million_rows_by_copy_and_rollup(capsys: pytest.CaptureFixture[str]) -> None:
    days = [day_of_events(FIRST_DAY + i, [1, 2, 3], ROWS_A_DAY, i) for i in range(3)]
    rows = sum(len(day.key) for day in days)
    bare_s = seconds(lambda: bare_copy(days))
    run_sql("CHECKPOINT")
    ours_s = sum(seconds(partial(copy_events, day)) for day in days)
    disk = bytes_a_row(rows)
    run_sql("VACUUM ANALYZE experiments_event")
    group_by = (
        "CREATE TEMP TABLE grouped AS"
        " SELECT (key >> 22) / 86400000 AS day, cell, video, key & 7 AS step, count(*)"
        " FROM experiments_event GROUP BY 1, 2, 3, 4"
    )
    group_s = seconds(lambda: run_sql(group_by))
    rollup_s = seconds(roll_up)
    again_s = seconds(roll_up)
    check_s = seconds(lambda: check(counted_days()))
    one_day = day_of_events(FIRST_DAY + 3, [1, 2, 3], ROWS_A_DAY, 9)
    copy_events(one_day)
    one_more_s = seconds(roll_up)
    with capsys.disabled():
        print(
            f"\n{rows} rows: bare COPY {bare_s:.1f} s; stored and indexed {ours_s:.1f} s"
            f" ({ours_s / bare_s:.2f} x); {disk:.1f} bytes a row (limit 80)"
            f"\nbare GROUP BY {group_s:.1f} s; rollup {rollup_s:.1f} s"
            f" ({rollup_s / group_s:.2f} x, limit 2); copy and rollup"
            f" {(ours_s + rollup_s) / bare_s:.2f} x the bare COPY (limit 3);"
            f" nothing new {again_s:.3f} s; check of all from raw {check_s:.1f} s"
            f"\none more day {one_more_s:.1f} s ({rollup_s / 3:.1f} s a day before)"
        )


def test_import_of_ten_million_with_checks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    experiment = make_experiment(videos=0)
    videos = Video.objects.bulk_create(
        Video(slug=f"video-{i}", title="v", state="ready") for i in range(VIDEOS)
    )
    cells = allocation_phases.cells(experiment)
    days = [day_of_events(FIRST_DAY + i, list(cells.values()), ROWS_A_DAY, i) for i in range(3)]
    file = tmp_path / "events.parquet"
    arm_of = {cell: arm for arm, cell in cells.items()}
    _write(file, days, experiment, videos, arm_of)
    rows = sum(len(day.key) for day in days)
    bare_s = seconds(lambda: bare_copy(days))
    run_sql("CHECKPOINT")
    import_s = seconds(lambda: import_events(file))
    assert Event.objects.count() == rows
    with capsys.disabled():
        print(
            f"\nimport of {rows} events from Parquet, checked: {import_s:.1f} s,"
            f" {bare_s / import_s:.2f} of a bare COPY's rate ({bare_s:.1f} s; limit 0.25)"
        )


def _write(
    file: Path,
    days: list[EventColumns],
    experiment: Experiment,
    videos: list[Video],
    arm_of: dict[int, int],
) -> None:
    """Write the days as a file for import: what `export_events` would write."""
    slugs = pa.array([video.slug for video in videos])
    names = pa.array([step.name.lower() for step in Step])
    arms = np.array([arm_of.get(cell, -1) for cell in range(max(arm_of) + 1)])
    with pyarrow.parquet.ParquetWriter(file, SCHEMA) as writer:
        for day in days:
            rows, zeros = len(day.key), np.zeros(len(day.key), dtype=np.int64)
            columns = [
                pa.array(day.key & ~7), names.take(pa.array(day.key & 7)), pa.array(day.viewer),
                slugs.take(pa.array(day.video - 1)), pa.repeat(experiment.slug, rows),
                pa.array(zeros + 1), pa.array(arms[day.cell]), pa.array(day.context & 255),
                pa.array(day.context >> 8), pa.array(zeros), pa.nulls(rows, pa.float64()),
                pa.repeat(Surface.FEED.label, rows),
            ]  # fmt: skip
            batch = pa.RecordBatch.from_arrays(columns, names=SCHEMA.names)
            writer.write_batch(batch.cast(SCHEMA))
