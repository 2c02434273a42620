"""Partitions exist when they are needed, and no two hold one block number at one time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.errors import ExperimentError, NotReadyError
from experiments.events import storage
from experiments.events.impressions import DAY_MS, first_key
from experiments.events.storage import ensure_days, lease_block, now_ms, partition_name
from experiments.models import IdBlock

pytestmark = pytest.mark.django_db


def partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::text FROM pg_partition_tree('experiments_event') WHERE level = 1"
        )
        return [name for (name,) in cursor.fetchall()]


def test_a_day_gets_its_table_once() -> None:
    ensure_days([6170, 6171])
    ensure_days([6171])
    assert {"experiments_event_20261123", "experiments_event_20261124"} <= set(partitions())
    assert partition_name(0) == "experiments_event_20100101"


def test_a_table_holds_exactly_its_day() -> None:
    ensure_days([6170])
    insert = "INSERT INTO experiments_event VALUES (%s, 1, 1, 1, 0)"
    first, last = first_key(6170 * DAY_MS), first_key(6171 * DAY_MS) - 1
    with connection.cursor() as cursor:
        cursor.execute(insert, [first])
        cursor.execute(insert, [last])
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM experiments_event")
        assert cursor.fetchall() == [(partition_name(6170),)]


def test_the_clock_is_the_databases() -> None:
    wall_ms = (time.time() - 1_262_304_000) * 1000
    assert abs(now_ms() - wall_ms) < 5_000
    earlier = now_ms()
    assert now_ms() >= earlier


class TestBlocks(HypothesisTestCase):
    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 20), st.integers(1, 20)).map(lambda s: (s[0], sum(s))),
            max_size=12,
        )
    )
    def test_no_number_is_held_twice_at_one_time(self, spans: list[tuple[int, int]]) -> None:
        IdBlock.objects.all().delete()
        blocks = [lease_block(*span, owner=str(i)) for i, span in enumerate(spans)]
        for i, one in enumerate(blocks):
            for other in blocks[:i]:
                apart = one.until_ms <= other.from_ms or other.until_ms <= one.from_ms
                assert apart or one.number != other.number


def test_an_owner_gets_its_block_again() -> None:
    first = lease_block(10, 20, "load")
    assert lease_block(10, 20, "other load").number != first.number
    assert lease_block(10, 20, "load") == first
    with pytest.raises(ExperimentError, match=r"holds a block of \[10, 20\)"):
        lease_block(10, 21, "load")


def test_refuses_impossible_spans_and_says_when_all_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ExperimentError, match="must be within"):
        lease_block(20, 20, "load")
    monkeypatch.setattr(storage, "BLOCKS", 1)
    lease_block(10, 20, "first")
    with pytest.raises(NotReadyError, match="all 1 block numbers"):
        lease_block(15, 25, "second")
    assert lease_block(20, 25, "third").number == 0


@pytest.mark.django_db(transaction=True)
def test_many_who_need_the_same_new_day_at_once_make_it_once() -> None:
    def make(day: int) -> None:
        try:
            ensure_days([day])
        finally:
            connection.close()

    days = range(5000, 5005)
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(make, day) for day in days for _ in range(4)]:
            made.result(timeout=60)
    assert {partition_name(day) for day in days} <= set(partitions())
