"""The clock of all processes is the database's."""

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from experiments.events.clock import CLOCK_GOOD_FOR_S, DatabaseClock, now_ms
from experiments.events.keys import EPOCH

pytestmark = pytest.mark.django_db


def database_ms() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return (float(cursor.fetchone()[0]) - EPOCH.timestamp()) * 1000


def test_the_clock_is_the_databases_and_never_ahead_of_it() -> None:
    before, now, after = database_ms(), DatabaseClock().now_ms(), database_ms()
    assert before - 1 <= now <= after + 1
    earlier = now_ms()
    assert now_ms() >= earlier


def test_between_two_looks_it_goes_by_the_process(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monotonic_s = [50.0]
    clock = DatabaseClock(lambda: monotonic_s[0])
    with django_assert_num_queries(1):
        first = clock.now_ms()
    monotonic_s[0] += CLOCK_GOOD_FOR_S
    with django_assert_num_queries(0):
        assert abs(clock.now_ms() - first - CLOCK_GOOD_FOR_S * 1000) <= 1
    monotonic_s[0] += 0.001
    with django_assert_num_queries(1):
        assert clock.now_ms() < first + CLOCK_GOOD_FOR_S * 1000
