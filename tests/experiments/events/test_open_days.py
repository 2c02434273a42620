"""Counts of open days come from the hours and videos that changed, and are those of all events."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.events import ingest
from experiments.events.bots import flag_days
from experiments.events.clock import now_ms
from experiments.events.count_check import check, check_sample, counted_days
from experiments.events.keys import (
    DAY_MS,
    HOUR_MS,
    date_of,
    key_impression,
    key_ms,
    key_step,
)
from experiments.events.open_days import close_days_before, first_open_day, has_sums
from experiments.events.partitions import partition_name
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.measures import EVENTS_OF, MEASURES, Step
from experiments.models import (
    DayCount,
    Event,
    HourCount,
    MinuteCount,
    VideoHourCount,
    VideoMinuteCount,
)
from tests.experiments.events.journeys import (
    DAYS,
    JOURNEY,
    Group,
    Journey,
    event_rows,
    store,
)

pytestmark = pytest.mark.django_db
NAMES = [measure.name for measure in MEASURES]
Batch = tuple[bool, Sequence[Journey]]


def first_day() -> int:
    """Return a day that is closed; the last ones from it are open."""
    return now_ms() // DAY_MS - DAYS


def put(batch: Batch, first: int) -> None:
    """Store a batch as a file, or as the beacon's door does, which names its videos."""
    from_file, journeys = batch
    if from_file:
        store(journeys, first, first_day())
    else:
        ingest.store(event_rows(journeys, first, first_day()))


def kept() -> dict[Group, Counter[str]]:
    rows = DayCount.objects.values_list("day", "cell", "flags", "video", *NAMES)
    return {row[:4]: +Counter(dict(zip(NAMES, row[4:], strict=True))) for row in rows}


def of_stored_events() -> dict[Group, Counter[str]]:
    """Count what is stored in Python; the door makes a click as suspect as its view."""
    found: dict[Group, Counter[str]] = {}
    rows = {row.key: row for row in Event.objects.all()}
    for key, row in rows.items():
        day = date_of(key_ms(key) // DAY_MS)
        group = found.setdefault((day, row.cell, row.context >> 10 & 15, row.video), Counter())
        group[EVENTS_OF[Step(key_step(key))]] += 1
        group["watched_ms"] += row.watched_ms or 0
        watched = rows.get(key_impression(key) | Step.WATCHED)
        if key_step(key) == Step.CLICK and watched and (watched.watched_ms or 0) >= 10_000:
            group["watched_clicks"] += 1
    return {group: +n for group, n in found.items()}


class TestAnyEvents(HypothesisTestCase):
    @examples(max_examples=25)
    @given(st.lists(st.tuples(st.booleans(), st.lists(JOURNEY, max_size=8)), max_size=5))
    def test_counts_are_those_of_the_events(self, batches: list[Batch]) -> None:
        everything: list[Journey] = []
        for batch in batches:
            put(batch, first=len(everything))
            everything += batch[1]
            roll_up()
            assert kept() == of_stored_events()
            assert check(counted_days()) == []
        touched = {first_day() + journey.at_ms // DAY_MS for journey in everything}
        is_open = {day for day in touched if day >= first_open_day(now_ms())}
        assert {day for day in range(first_day(), first_day() + DAYS) if has_sums(day)} == is_open


def of_yesterday(hour: int, video: int, minute: int = 0, **of: Any) -> Journey:
    return Journey((DAYS - 1) * DAY_MS + hour * HOUR_MS + minute * 60_000, video=video, **of)


def day_count(measure: str) -> int | None:
    """Return a measure of the only row of counts by day."""
    count: int | None = DayCount.objects.values_list(measure, flat=True).get()
    return count


def rows_written(work: Any) -> int:
    """Return how many rows of sums by hour have another version after some work."""
    with connection.cursor() as cursor:
        rows = "SELECT ctid::text FROM experiments_videohourcount"
        cursor.execute(rows)
        before = set(cursor.fetchall())
        work()
        cursor.execute(rows)
        return len(set(cursor.fetchall()) - before)


def test_only_what_changed_is_written_anew() -> None:
    put((True, [of_yesterday(hour, video) for hour in range(5) for video in range(1, 6)]), 0)
    roll_up()
    put((False, [of_yesterday(2, 3)]), 100)
    assert rows_written(roll_up) == 1
    assert rows_written(roll_up) == 0
    assert check(counted_days()) == []


def by_index() -> None:
    """Let this transaction read by index where there is one.

    Postgres reads a table whole that it takes for small, as one is whose rows it counted, or saw
    deleted, before the test filled it: that hangs on when its own work came by.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def events_read(day: int) -> int:
    """Return how many of a day's events this transaction has read so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = %s",
            [partition_name(day)],
        )
        read: int = cursor.fetchone()[0]
    return read


def test_only_the_hour_that_changed_is_read() -> None:
    day = first_day() + DAYS - 1
    minutes = range(24 * 60)
    by_index()
    put((True, [of_yesterday(0, 1 + i % 50, minute=i) for i in minutes for _ in range(10)]), 0)
    roll_up()
    put((False, [of_yesterday(2, 3)]), 20_000)
    before = events_read(day)
    roll_up()
    # Once for the counts by video, once for those by place, of 600 of 14,400 events.
    assert events_read(day) - before <= 2 * 601


def test_a_click_and_its_long_watch_meet_in_whatever_order() -> None:
    journey = of_yesterday(1, 1, steps={Step.WATCHED: 0, Step.CLICK: 0}, watched_ms=20_000)
    rows = event_rows([journey], 0, first_day())
    for row in rows:
        ingest.store([row])
        roll_up()
        assert check(counted_days()) == []
    assert day_count("watched_clicks") == 1


def test_flags_that_come_later_move_counts_between_rows() -> None:
    clicks = [of_yesterday(3, video, steps={Step.CLICK: 0}) for video in range(1, 7)]
    put((True, clicks), 0)
    roll_up()
    assert flag_days([first_day() + DAYS - 1]) > 0  # five clicks and nothing seen
    roll_up()
    assert check(counted_days()) == []
    assert set(DayCount.objects.values_list("flags", flat=True)) == {4}


def test_a_day_that_was_counted_whole_gets_its_sums_when_more_comes() -> None:
    day = first_day() + DAYS - 1
    put((True, [of_yesterday(hour, 1) for hour in range(5)]), 0)
    list(recount([day]))
    assert not has_sums(day)
    put((False, [of_yesterday(2, 2)]), 100)
    roll_up()
    assert VideoHourCount.objects.count() == 6
    assert check(counted_days()) == []


def test_a_closed_day_has_no_sums_and_counts_what_comes_late() -> None:
    day = first_day() + DAYS - 1
    put((False, [of_yesterday(4, 1)]), 0)
    roll_up()
    close_days_before(day)
    assert has_sums(day)
    close_days_before(day + 1)
    assert not has_sums(day)
    assert check(counted_days()) == []


def test_the_proof_finds_a_wrong_sum() -> None:
    put((False, [of_yesterday(hour, 1) for hour in range(3)]), 0)
    roll_up()
    VideoHourCount.objects.filter(hour__hour=1).update(clicks=7)
    for found in (check(counted_days()), check_sample(9, seed=1)[1]):
        assert [(d.table, d.side) for d in found] == [
            ("experiments_videohourcount", "recomputed"), ("experiments_videohourcount", "stored")
        ]  # fmt: skip


def test_what_one_hour_does_not_know_the_day_does_not_know() -> None:
    """A measure that is new: NULL is not 0, and a sum that passed over it would be too small."""
    put((False, [of_yesterday(hour, 1) for hour in range(3)]), 0)
    roll_up()
    VideoHourCount.objects.update(clicks=None)
    put((False, [of_yesterday(1, 1)]), 100)
    roll_up()
    assert day_count("clicks") is None
    list(recount(counted_days()))
    assert day_count("clicks") == 4


class StoppedError(Exception):
    """Stands for whatever ends a process."""


def all_counts() -> list[list[tuple[Any, ...]]]:
    tables = (DayCount, HourCount, VideoHourCount, MinuteCount, VideoMinuteCount)
    return [sorted(table.objects.values_list()) for table in tables]


@pytest.mark.django_db(transaction=True)
def test_stopped_anywhere_a_rollup_leaves_all_as_it_was() -> None:
    this_minute = Journey(now_ms() - first_day() * DAY_MS)
    put((False, [of_yesterday(hour, 1) for hour in range(2)] + [this_minute]), 0)
    roll_up()
    put((False, [of_yesterday(1, 1), of_yesterday(2, 2), this_minute]), 100)
    before = all_counts()
    for statement in range(1_000):
        left = iter(range(statement))

        def die_in_time(execute: Any, *call: Any, left: Any = left) -> Any:
            if next(left, None) is None:
                raise StoppedError
            return execute(*call)

        try:
            with connection.execute_wrapper(die_in_time):
                roll_up()
            break
        except StoppedError:
            assert all_counts() == before
    assert statement > 40, "a rollup takes more statements than were tried"
    assert check(counted_days()) == []
    assert sum(n["clicks"] for n in kept().values()) == 6


@pytest.mark.django_db(transaction=True)
def test_what_commits_during_a_rollup_is_counted_by_the_next() -> None:
    put((False, [of_yesterday(1, 1)]), 0)
    roll_up()
    with transaction.atomic():
        put((False, [of_yesterday(1, 1)]), 100)
    roll_up()
    assert day_count("clicks") == 2
