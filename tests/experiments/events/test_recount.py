"""History counted anew: exact, whatever was there before and wherever it was stopped."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.events.count_check import check
from experiments.events.keys import DAY_MS, date_of
from experiments.events.partitions import partition_name
from experiments.events.recount import Recounted, days_to_recount, recount
from experiments.events.rollup import roll_up
from experiments.measures import MEASURES, Step
from experiments.models import Cell, DayCount, HourCount
from experiments.serving import allocation_phases
from tests.experiments.events.journeys import (
    DAYS,
    FIRST_DAY,
    JOURNEY,
    Group,
    Journey,
    counted_by_hand,
    store,
)
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
ALL_DAYS = range(FIRST_DAY, FIRST_DAY + DAYS)
LONG_WATCH = {Step.VIEWABLE: 0, Step.CLICK: 0, Step.WATCHED: 0}
NAMES = [measure.name for measure in MEASURES]


def kept() -> dict[Group, Counter[str]]:
    rows = DayCount.objects.values_list("day", "cell", "flags", "video", *NAMES)
    return {row[:4]: +Counter(dict(zip(NAMES, row[4:], strict=True))) for row in rows}


def forget(measure: str) -> None:
    """Make the counts those of a time when a measure was not yet counted."""
    for table in (DayCount, HourCount):
        table.objects.update(**{measure: None})


def spoil(how: str) -> None:
    """Make the counts wrong, in one of the ways that they can be."""
    if how == "rows lost":
        DayCount.objects.all().delete()
        HourCount.objects.all().delete()
    elif how == "rows of nothing":
        blank = dict.fromkeys(NAMES, 5)
        DayCount.objects.create(day=date_of(FIRST_DAY), cell=9, video=9, flags=0, **blank)
    else:
        forget(how)


class TestAnyHistory(HypothesisTestCase):
    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(JOURNEY, max_size=15),
        st.lists(JOURNEY, max_size=5),
        st.sampled_from(["rows lost", "rows of nothing", "clicks", "watched_clicks"]),
    )
    def test_counts_are_those_of_the_events(
        self, journeys: list[Journey], late: list[Journey], how: str
    ) -> None:
        store(journeys)
        roll_up()
        spoil(how)
        store(late, first=len(journeys))  # which no rollup has seen
        days = [found.day for found in recount(days_to_recount())]
        assert {day for day in days if day in ALL_DAYS} >= {
            FIRST_DAY + journey.at_ms // DAY_MS for journey in journeys + late
        }
        assert kept() == counted_by_hand(journeys + late)
        roll_up()
        assert kept() == counted_by_hand(journeys + late)
        assert check(ALL_DAYS) == []
        assert {found.changed for found in recount(days_to_recount())} <= {0}


class StoppedError(Exception):
    """Stands for whatever ends a process."""


def stopped_before(statement: int) -> bool:
    """Recount, and die before that statement; return whether there was one."""
    left = statement

    def die_in_time(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise StoppedError
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(die_in_time):
            list(recount(ALL_DAYS))
    except StoppedError:
        return True
    return False


@pytest.mark.django_db(transaction=True)
def test_stopped_anywhere_each_day_is_as_it_was_or_new() -> None:
    journeys = [Journey(day * DAY_MS, steps=LONG_WATCH, watched_ms=20_000) for day in range(DAYS)]
    store(journeys)
    roll_up()
    statement = 0
    while True:
        forget("watched_clicks")
        before = {day: check([day]) for day in ALL_DAYS}
        stopped = stopped_before(statement)
        for day in ALL_DAYS:
            assert check([day]) in ([], before[day])
        if not stopped:
            break
        statement += 1
    assert statement > 8 * DAYS, "a day takes more statements than were tried"
    assert check(ALL_DAYS) == []


def test_only_an_experiments_cells_are_counted_and_only_their_reports_are_made_anew() -> None:
    cells = [
        allocation_phases.cells(make_experiment(slug, videos=1))[0] for slug in ("one", "other")
    ]
    store([Journey(cell=cell, steps=LONG_WATCH, watched_ms=20_000) for cell in cells])
    roll_up()
    forget("watched_clicks")
    watermarks = dict(Cell.objects.values_list("pk", "counted"))
    assert list(recount([FIRST_DAY], cells[:1])) == [Recounted(FIRST_DAY, 4, has_events=True)]
    by_cell = dict(DayCount.objects.values_list("cell", "watched_clicks"))
    assert by_cell == {cells[0]: 1, cells[1]: None}
    moved = {
        pk for pk, counted in Cell.objects.values_list("pk", "counted") if counted != watermarks[pk]
    }
    assert moved == {cells[0]}


def test_counts_outlive_their_events() -> None:
    store([Journey()])
    roll_up()
    before = kept()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partition_name(FIRST_DAY)}")
    assert list(recount([FIRST_DAY])) == [Recounted(FIRST_DAY, 0, has_events=False)]
    assert kept() == before
    assert FIRST_DAY in days_to_recount()


def test_days_are_those_with_events_or_counts_within_bounds() -> None:
    store([Journey(day * DAY_MS) for day in range(DAYS)])
    assert set(ALL_DAYS) <= set(days_to_recount())
    assert days_to_recount(FIRST_DAY + 1, FIRST_DAY + 1) == [FIRST_DAY + 1]
    # Other tests' days keep their tables, so that only the bounds can be told here.
    assert max(days_to_recount(last=FIRST_DAY)) == FIRST_DAY
    assert min(days_to_recount(FIRST_DAY)) == FIRST_DAY
