"""Partitions exist when they are needed, and are made once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from experiments.events.keys import DAY_MS, first_key
from experiments.events.partitions import ensure_days, partition_name

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
