"""Counts of open hours come from the minutes that changed, and are those of all events."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.events import ingest
from experiments.events.bots import flag_days
from experiments.events.clock import now_ms
from experiments.events.count_check import check, check_sample, counted_days
from experiments.events.keys import DAY_MS, HOUR_MS, MINUTE_MS
from experiments.events.open_hours import has_minutes
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.models import (
    DayCount,
    Event,
    HourCount,
    MinuteCount,
    VideoHourCount,
    VideoMinuteCount,
)
from tests.experiments.events.journeys import DAYS, JOURNEY, Journey, event_rows, store
from tests.experiments.events.test_open_days import (
    by_index,
    events_read,
    kept,
    of_stored_events,
)

HOURS = 4  # the first two of which are closed
TABLES = (MinuteCount, VideoMinuteCount)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the rollup's clock stand at noon: hours begin and end as tests run."""
    now = now_ms() // DAY_MS * DAY_MS + DAY_MS // 2
    monkeypatch.setattr("experiments.events.rollup.now_ms", lambda: now)
    return now


def today() -> int:
    return now_ms() // DAY_MS


def put(journeys: Sequence[Journey], first: int = 0, *, from_file: bool = False) -> None:
    """Store journeys of today, as a file or as the beacon's door does."""
    if from_file:
        store(journeys, first, today())
    else:
        ingest.store(event_rows(journeys, first, today()))


def at(minute: int, video: int = 1, **of: Any) -> Journey:
    """Return a journey of a minute of the present hour, which begins at noon."""
    return Journey(12 * HOUR_MS + minute * MINUTE_MS, video=video, **of)


def of_last_hours(journey: Journey) -> Journey:
    """Return a journey of some day in the present hour or one of those before."""
    hours_ms = journey.at_ms * HOURS // (DAYS * 24)
    return replace(journey, at_ms=(13 - HOURS) * HOUR_MS + hours_ms)


BATCH = st.tuples(st.booleans(), st.lists(JOURNEY.map(of_last_hours), max_size=8))


class TestAnyEvents(HypothesisTestCase):
    @examples(max_examples=25)
    @given(st.lists(BATCH, max_size=5))
    def test_counts_are_those_of_the_events(
        self, batches: list[tuple[bool, list[Journey]]]
    ) -> None:
        everything: list[Journey] = []
        for from_file, journeys in batches:
            put(journeys, len(everything), from_file=from_file)
            everything += journeys
            roll_up()
            assert kept() == of_stored_events()
            assert check(counted_days()) == []
        touched = {journey.at_ms // HOUR_MS for journey in everything}
        counted = {hour for hour in range(24) if has_minutes(today() * 24 + hour)}
        assert counted == {hour for hour in touched if hour >= 11}


@pytest.mark.django_db
def test_only_the_minute_that_changed_is_read_and_written() -> None:
    by_index()
    put([at(i // 10, 1 + i % 50) for i in range(600)], from_file=True)
    roll_up()
    put([at(7, 3)], 1_000)
    before, rows = events_read(today()), versions()
    roll_up()
    # By video and by place, alone and with their watches, of 11 of 601 events.
    assert events_read(today()) - before <= 4 * 11
    assert len(versions() - rows) == 2
    assert check(counted_days()) == []


def versions() -> set[tuple[str, str]]:
    """Return the versions of all rows of counts by minute."""
    found: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT ctid::text FROM {table._meta.db_table}")  # noqa: S608
            found |= {(table.__name__, version) for (version,) in cursor.fetchall()}
    return found


@pytest.mark.django_db
def test_a_click_and_its_long_watch_meet_in_whatever_order() -> None:
    steps = {Step.WATCHED: 0, Step.CLICK: 0}
    for row in event_rows([at(1, steps=steps, watched_ms=20_000)], 0, today()):
        ingest.store([row])
        roll_up()
        assert check(counted_days()) == []
    assert DayCount.objects.values_list("watched_clicks", flat=True).get() == 1


@pytest.mark.django_db
def test_flags_that_come_later_move_counts_between_rows() -> None:
    put([at(3, video, steps={Step.CLICK: 0}) for video in range(1, 7)])
    roll_up()
    assert flag_days([today()]) > 0  # five clicks and nothing seen
    roll_up()
    assert check(counted_days()) == []
    for table in TABLES:
        assert set(table.objects.values_list("flags", flat=True)) == {4}


@pytest.mark.django_db
def test_an_hour_that_ends_keeps_no_minutes(noon: int, monkeypatch: pytest.MonkeyPatch) -> None:
    put([at(3)])
    roll_up()
    monkeypatch.setattr("experiments.events.rollup.now_ms", lambda: noon + 2 * HOUR_MS)
    roll_up()
    assert not MinuteCount.objects.exists()
    assert not VideoMinuteCount.objects.exists()
    put([at(3)], 100)
    roll_up()
    assert check(counted_days()) == []
    # A clock that goes back opens the hour again.
    monkeypatch.setattr("experiments.events.rollup.now_ms", lambda: noon)
    put([at(4)], 200)
    roll_up()
    assert MinuteCount.objects.count() == 2
    assert check(counted_days()) == []


@pytest.mark.django_db
def test_a_day_counted_anew_has_its_minutes_counted_when_more_comes() -> None:
    put([at(minute) for minute in range(3)])
    roll_up()
    list(recount([today()]))
    assert not MinuteCount.objects.exists()
    put([at(1)], 100)
    roll_up()
    assert MinuteCount.objects.count() == 3
    assert check(counted_days()) == []


@pytest.mark.django_db
def test_counts_of_an_hour_whose_events_are_gone_go_with_the_first_whole_count() -> None:
    put([at(3), at(-70)])  # one by minutes, one whole
    roll_up()
    for counts in (VideoHourCount, VideoMinuteCount):
        counts.objects.all().delete()
    Event.objects.all().delete()
    put([at(-10)], 100)
    roll_up()
    assert list(MinuteCount.objects.values_list("minute__hour", flat=True)) == [11]
    assert HourCount.objects.count() == DayCount.objects.count() == 1
    assert check(counted_days()) == []


@pytest.mark.django_db
def test_a_day_that_begins_costs_no_more_for_its_hours_that_hold_nothing(
    noon: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.events.rollup.now_ms", lambda: noon - DAY_MS // 2)
    put([at(3)])
    with CaptureQueriesContext(connection) as asked:
        roll_up()
    assert len(asked) < 100  # 76; counting each of the 24 by minutes takes 456
    assert MinuteCount.objects.count() == 1
    assert check(counted_days()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_the_proof_finds_a_wrong_minute(table: Any) -> None:
    put([at(minute) for minute in range(3)])
    roll_up()
    table.objects.filter(minute__minute=1).update(clicks=7)
    assert [(d.table, d.side) for d in check(counted_days())] == [
        (table._meta.db_table, "recomputed"), (table._meta.db_table, "stored")
    ]  # fmt: skip
    assert bool(check_sample(9, seed=1)[1]) == (table is VideoMinuteCount)
