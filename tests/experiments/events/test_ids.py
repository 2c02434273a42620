"""Ids of one process and of many: distinct, in order, and never past the lease."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from experiments.errors import NotReadyError
from experiments.events.ids import BLOCK_MS, IdSource
from experiments.events.keys import key_ms, key_step
from experiments.models import IdBlock

pytestmark = pytest.mark.django_db


def source(*times_ms: int) -> IdSource:
    """Return a source that holds a block and then lives through the given times."""
    clock = iter(times_ms)
    made = IdSource(lambda: next(clock))
    made.renew()
    return made


def test_ids_of_two_processes_and_many_threads_are_distinct_and_in_order() -> None:
    sources = [IdSource(), IdSource()]
    for made in sources:
        made.renew()
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda i: sources[i % 2].take(700), range(40)))
    everything = [key for part in parts for key in part]
    assert len(set(everything)) == len(everything) == 28_000
    assert all(part == sorted(part) for part in parts)
    assert {key_step(key) for key in everything} == {0}


def test_a_clock_that_jumps_back_makes_no_id_twice() -> None:
    made = source(1_000_000, 1_000_500, 1_000_000, 999_000)
    parts = [made.take(600) for _ in range(3)]
    everything = [key for part in parts for key in part]
    assert everything == sorted(set(everything))


def test_a_burst_borrows_from_the_next_milliseconds() -> None:
    made = source(1_000_000, 1_000_000)
    assert [key_ms(key) for key in made.take(1025)[::512]] == [1_000_000, 1_000_001, 1_000_002]


def test_stops_where_the_lease_ends() -> None:
    made = source(1_000_000, 1_000_000 + BLOCK_MS, 1_000_000)
    with pytest.raises(NotReadyError, match="no block"):
        made.take(1)
    with pytest.raises(NotReadyError, match="no block"):
        IdSource().take(1)


def test_renews_when_half_is_left() -> None:
    early, late = 1_000_000 + BLOCK_MS // 4, 1_000_000 + BLOCK_MS // 2
    made = source(1_000_000, early, late)
    made.renew()
    assert IdBlock.objects.count() == 1
    made.renew()
    assert IdBlock.objects.count() == 2
