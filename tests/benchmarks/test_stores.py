"""One replica's events in Postgres and in ClickHouse: CPU of the same cubes and sums, and bytes.

COVERLIFT_REPLICA_SCALE=0.143 makes 15 million.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from experiments.analysis import two_way
from experiments.events.count_tables import begin_counting
from experiments.events.counts_by_time import BY_DAY, BY_HOUR
from experiments.events.keys import DAY_MS, first_key
from experiments.events.open_days import hours_of
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.events.scan import spans_with_events, views_and_clicks
from experiments.events.store import event_store, opened
from experiments.events.store.base import EventStore
from experiments.events.store.cubes import Chosen, Cube
from experiments.metrics import PRIMARY
from experiments.models import Cell, Experiment
from experiments.paper import PILOT_VIDEOS
from experiments.studies import replica
from experiments.studies.simulation.catalogue import drawn_catalogue
from tests.benchmarks import processor

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
SCALE = float(os.environ.get("COVERLIFT_REPLICA_SCALE", "0.01"))
SEED = 20210202
VIEWERS_PARTS = 4
Work = Callable[[Sequence[int]], None]
IN_POSTGRES = """
SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
WHERE inhparent = 'experiments_event'::regclass"""
IN_CLICKHOUSE = """
SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = 'events'"""


def test_the_same_of_either_store(
    capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    pytest.importorskip("chdb", reason="no chdb here: pip install -r requirements-clickhouse.txt")
    processor.backend_alone()
    drawn = replica.prepare(
        "bench", drawn_catalogue(PILOT_VIDEOS, SEED), scale=SCALE, seed=SEED, catalogue="Drawn."
    )
    rows = sum(written.stored for written in replica.write(drawn))
    stores = ("postgres", f"chdb:{tmp_path / 'chdb'}")
    postgres, clickhouse = map(opened, stores)
    engine = clickhouse.shards[0]  # type: ignore[attr-defined]
    days = sorted(day for day in postgres.days() if any(postgres.day(day)))
    counted_s = used_s(roll_up)
    copied_s = used_s(lambda: copy(postgres, clickhouse, days))
    say = partial(told, capsys)
    say(f"\n{rows:,} events; first counted and written {counted_s:.1f} s by Postgres")
    say(f"read from Postgres and stored in ClickHouse {copied_s:.1f} s")
    for when in ("", ", merged"):
        for what, work in WORK.items():
            here, there = (used_in(store, work, days, settings) for store in stores)
            say(
                f"{what}{when}: Postgres {here:.2f} s, ClickHouse {there:.2f} s: {there / here:.2f}"
            )
        engine.command("OPTIMIZE TABLE events FINAL")
    with connection.cursor() as cursor:
        cursor.execute(IN_POSTGRES)
        bytes_here = int(cursor.fetchone()[0])
    bytes_there = engine.query(IN_CLICKHOUSE)["bytes"].to_pylist()[0]
    say(f"bytes an event: {bytes_here / rows:.1f} and {bytes_there / rows:.1f}")
    assert_equal(postgres, clickhouse, days)
    engine.close()
    opened.cache_clear()
    say("every sum is equal")


def told(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Print a line at once: fifteen million events take minutes."""
    with capsys.disabled():
        print(line, flush=True)


def used_in(store: str, work: Work, days: Sequence[int], settings: Any) -> float:
    """Return the CPU time of some work with one of the stores."""
    settings.EVENTS = store
    return used_s(lambda: work(days))


def copy(source: EventStore, to: EventStore, days: Sequence[int]) -> None:
    for day in days:
        with transaction.atomic():
            to.copy(day, source.day(day))


def cubes_of(days: Sequence[int]) -> None:
    """Count every day by arm, video and flags, and its hours, as a rollup of closed days does."""
    for day in days:
        hours = hours_of(day)
        for table, first, last in ((BY_DAY, day, day), (BY_HOUR, hours[0], hours[-1])):
            with transaction.atomic(), connection.cursor() as cursor:
                begin_counting(cursor)
                with table.fresh(cursor, first, last):
                    pass


def sums_of(_: Sequence[int]) -> None:
    """Read sums by viewer, video and arm, in parts of the viewers."""
    for part in range(VIEWERS_PARTS):
        viewers = part * 2**63 // VIEWERS_PARTS, (part + 1) * 2**63 // VIEWERS_PARTS - 1
        chosen = Chosen(viewers=viewers, is_net=True)
        event_store().counted(Cube(("viewer", "video", "cell"), chosen, PRIMARY.measures))


def scan_of(_: Sequence[int]) -> None:
    """Read views and clicks one by one, as the two-way error does."""
    cells = list(Cell.objects.values_list("pk", flat=True))
    for span in spans_with_events(cells):
        views_and_clicks(cells, span)


def two_way_of(_: Sequence[int]) -> None:
    """Compute the two-way error as a whole: read, dealt out, summed, with all that follows."""
    assert two_way.compute(Experiment.objects.get().pk) is not None


def recount_of(days: Sequence[int]) -> None:
    """Count every day anew, and find that the counts that are kept say the same."""
    assert sum(day.changed for day in recount(days)) == 0


WORK: Mapping[str, Work] = {
    "counts of days and hours": cubes_of, "recount": recount_of,
    "sums by viewer": sums_of, "scan": scan_of, "two-way error": two_way_of,
}  # fmt: skip


def of_day(day: int) -> Chosen:
    return Chosen(first_key(day * DAY_MS), first_key((day + 1) * DAY_MS))


def assert_equal(one: EventStore, other: EventStore, days: Sequence[int]) -> None:
    cubes = [Cube(("cell", "flags", "video"), of_day(day)) for day in days]
    cubes.append(Cube(("viewer", "video", "cell"), Chosen(is_net=True), PRIMARY.measures))
    for cube in cubes:
        left, right = (ordered(store.counted(cube), cube) for store in (one, other))
        assert np.array_equal(left, right)


def ordered(columns: Any, cube: Cube) -> Any:
    table = np.stack([columns[name].astype(np.int64) for name in cube.columns])
    return table[:, np.lexsort(table[: len(cube.groups)])]


def used_s(work: Callable[[], object]) -> float:
    """Return the CPU time of this process, all its threads, and of its server process."""
    before = time.process_time() + processor.backend_s()
    work()
    return time.process_time() + processor.backend_s() - before
