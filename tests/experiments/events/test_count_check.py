"""The proof finds what is wrong in the counts, and only that."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from experiments.events.count_check import check, check_sample, counted_days
from experiments.events.keys import DAY_MS
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.models import DayCount, HourCount
from tests.experiments.events.journeys import FIRST_DAY, Journey, store

pytestmark = pytest.mark.django_db


def test_check_finds_a_wrong_count_and_passes_over_what_waits() -> None:
    store([Journey()])
    roll_up()
    call_command("check_counts")
    DayCount.objects.update(clicks=2)
    HourCount.objects.all().delete()
    found = check(counted_days())
    assert Counter((d.table, d.side) for d in found) == {
        ("experiments_daycount", "stored"): 1, ("experiments_daycount", "recomputed"): 1,
        ("experiments_hourcount", "recomputed"): 1,
    }  # fmt: skip
    with pytest.raises(CommandError, match="3 rows differ"):
        call_command("check_counts")
    store([Journey(at_ms=1)], first=1)
    assert check([FIRST_DAY]) == []
    call_command("rollup")
    call_command("check_counts")


def test_what_was_not_yet_counted_is_no_count_of_nothing() -> None:
    store([Journey(steps={Step.VIEWABLE: 0})])
    roll_up()
    DayCount.objects.update(watched_clicks=None)
    assert len(check(counted_days())) == 2


def test_random_cells_are_always_those_of_their_events() -> None:
    store([
        Journey(day * DAY_MS + minute * 60_000, 1 + minute % 2, 1 + minute % 3)
        for day in range(2)
        for minute in range(30)
    ])  # fmt: skip
    roll_up()
    for cells in (1, 5, 12, 40):
        for seed in range(5):
            assert check_sample(cells, seed) == (min(cells, 12), [])


def test_a_wrong_cell_is_found_when_it_is_drawn() -> None:
    store([Journey(minute * 60_000, video=minute) for minute in range(1, 21)])
    roll_up()
    DayCount.objects.filter(video=7).update(clicks=5)
    assert len(check_sample(20, 1)[1]) == 2
    found = [bool(check_sample(1, seed)[1]) for seed in range(40)]
    assert any(found)
    assert not all(found)
    with pytest.raises(CommandError, match="rows differ"):
        call_command("check_counts", sample=20)
    with pytest.raises(CommandError, match="sample == 0"):
        call_command("check_counts", sample=0)
