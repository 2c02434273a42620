"""Two real ClickHouse servers count as the present engine does, by the same texts."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from django.db import OperationalError
from numpy.typing import NDArray

from experiments.events.columns import EventColumns
from experiments.events.keys import DAY_MS
from experiments.events.store.base import EventStore
from experiments.events.store.clickhouse import ClickHouseStore
from experiments.events.store.cubes import Chosen, Cube
from experiments.measures import MEASURES, Step
from experiments.metrics import PRIMARY
from tests.benchmarks.old_clickhouse import old_servers
from tests.experiments.events.journeys import Journey, as_columns, event_rows

# Not all machines have the servers, and they take their time: `make scale` runs it.
pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
IMPRESSIONS = 10_000
CUBES = (
    Cube(("hour", "cell", "video"), Chosen(), MEASURES),
    Cube(("viewer", "video", "cell"), Chosen(), PRIMARY.measures),
)  # of no flags: the old engine cannot group what it joins


def events() -> EventColumns:
    """Return impressions of three days that were seen, some clicked, some of these watched."""
    random = np.random.default_rng(7)
    drawn = zip(
        random.integers(0, 3 * DAY_MS, IMPRESSIONS).tolist(),
        random.integers(1, 4, (IMPRESSIONS, 2)).tolist(),
        random.integers(0, 10, IMPRESSIONS).tolist(),
        random.integers(0, 30_000, IMPRESSIONS).tolist(),
        strict=True,
    )
    journeys = [
        Journey(at_ms, cell, video, steps=_steps(luck), watched_ms=watched_ms)
        for at_ms, (cell, video), luck, watched_ms in drawn
    ]
    rows = sorted(event_rows(journeys))
    return as_columns([(row[0], 1 + (row[0] >> 3) % 500, *row[2:]) for row in rows])


def _steps(luck: int) -> dict[Step, int]:
    taken = {Step.VIEWABLE: 0}
    taken |= {Step.CLICK: 0} if luck < 3 else {}
    return taken | ({Step.WATCHED: 0} if luck < 2 else {})


def counts(store: EventStore, cube: Cube) -> NDArray[np.int64]:
    found = store.counted(cube)
    table = np.stack([found[name].astype(np.int64) for name in cube.columns])
    counted: NDArray[np.int64] = table[:, np.lexsort(table[: len(cube.groups)])]
    return counted


def test_two_servers_count_as_one_process_does_and_a_lost_shard_is_an_error(
    tmp_path: Path,
) -> None:
    embedded = pytest.importorskip("experiments.events.store.embedded")
    stored = events()
    again = stored.take(np.arange(0, len(stored.key), 2))  # what comes twice counts once
    with (
        closing(embedded.Embedded(tmp_path / "chdb")) as engine,
        old_servers(tmp_path, 2) as servers,
    ):
        here = ClickHouseStore([engine])
        there = ClickHouseStore(servers)
        for store in (here, there):
            store.insert(stored)
            store.insert(again)
        for cube in CUBES:
            assert counts(there, cube).shape[1] > 0
            assert np.array_equal(counts(here, cube), counts(there, cube))
        servers[1].kill()
        with pytest.raises(OperationalError):
            there.counted(CUBES[0])
