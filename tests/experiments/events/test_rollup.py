"""Counts are those of the events, whenever and however often they are rolled up."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.count_check import check, counted_days
from experiments.events.keys import (
    DAY_MS,
    EPOCH,
    HOUR_MS,
    impression_id,
    pack_context,
)
from experiments.events.rollup import RollupResult, roll_up
from experiments.measures import EVENTS_OF, Step
from experiments.models import DayCount, HourCount

pytestmark = pytest.mark.django_db
DAY = 6000
EVENT = st.tuples(
    st.integers(0, 3 * DAY_MS - 1),  # milliseconds after the first day began
    st.sampled_from(Step), st.integers(1, 2), st.integers(1, 2),  # step, cell, video
    st.integers(0, 40), st.integers(0, 31), st.integers(0, 9_000),  # position, flags, watched
)  # fmt: skip
Sample = tuple[int, Step, int, int, int, int, int]


def copy(events: list[Sample], sequence: int) -> None:
    """Store events; ``sequence`` keeps those of different calls apart."""
    if not events:
        return
    at, steps, cells, videos, positions, flags, watched = (
        np.array(column, dtype=np.int64) for column in zip(*events, strict=True)
    )
    # One impression an event: the event's place in its list makes the id distinct.
    block = np.arange(len(events)) + 100 * sequence
    ids = impression_id(DAY * DAY_MS + at, 0, np.zeros_like(at)) | (block << 12)
    copy_events(
        EventColumns(
            key=ids | steps,
            viewer=at, video=videos, cell=cells,
            context=pack_context(positions, np.ones_like(positions), flags),
            watched_ms=np.where(steps == Step.WATCHED, watched, -1),
        )
    )  # fmt: skip


def expected(events: list[Sample]) -> dict[tuple[object, ...], int]:
    """Count by hand, in Python: by day, cell, video, suspect flags and step."""
    return Counter(
        ((EPOCH + timedelta(days=DAY + at // DAY_MS)).date(), cell, video, flags & 15, step)
        for at, step, cell, video, _, flags, _ in events
    )


def kept() -> dict[tuple[object, ...], int]:
    return {
        (row.day, row.cell, row.video, row.flags, step): count
        for row in DayCount.objects.all()
        for step in Step
        if (count := getattr(row, EVENTS_OF[step]))
    }


class TestAnyEvents(HypothesisTestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.lists(EVENT, max_size=15), max_size=4))
    def test_counts_are_those_of_the_events(self, batches: list[list[Sample]]) -> None:
        everything: list[Sample] = []
        for sequence, batch in enumerate(batches):
            copy(batch, sequence)
            everything += batch
            roll_up()
            assert kept() == expected(everything)
        watched = sum(e[6] for e in everything if e[1] is Step.WATCHED)
        for table in (DayCount, HourCount):
            found = table.objects.aggregate(watched_ms=Sum("watched_ms", default=0))
            assert found["watched_ms"] == watched
            assert sum(sum(row) for row in table.objects.values_list(*EVENTS_OF.values())) == len(
                everything
            )
        assert check(counted_days()) == []


def test_hours_have_bands_devices_and_flags() -> None:
    copy(
        [
            (HOUR_MS * 5 + 1, Step.CLICK, 1, 2, position, 0, 0)
            for position in (0, 2, 3, 9, 10, 29, 30)
        ],
        0,
    )
    roll_up()
    rows = HourCount.objects.order_by("band").values_list("hour", "band", "device", "clicks")
    hour = EPOCH + timedelta(days=DAY, hours=5)
    assert list(rows) == [(hour, 0, 1, 2), (hour, 1, 1, 2), (hour, 2, 1, 2), (hour, 3, 1, 1)]


def test_counts_only_what_is_new_and_running_again_changes_nothing() -> None:
    copy([(0, Step.CLICK, 1, 1, 0, 0, 0), (DAY_MS, Step.CLICK, 1, 1, 0, 0, 0)], 0)
    assert roll_up() == RollupResult(hours=2, days=2)
    before = kept()
    assert roll_up() == RollupResult(hours=0, days=0)
    copy([(HOUR_MS, Step.CLICK, 1, 1, 0, 0, 0)], 1)
    assert roll_up() == RollupResult(hours=1, days=1)
    assert kept() != before


def test_partitions_are_made_ahead() -> None:
    roll_up()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_partition_tree('experiments_event') WHERE level = 1"
        )
        assert cursor.fetchone()[0] >= 3
