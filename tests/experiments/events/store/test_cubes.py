"""Every measure, by any groups, against a count by hand."""

from collections import Counter
from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.events.keys import DAY_MS, first_key
from experiments.events.store import event_store
from experiments.events.store.cubes import Chosen, Cube
from experiments.measures import MEASURES, Step
from tests.experiments.events.journeys import (
    DAYS,
    FIRST_DAY,
    JOURNEY,
    Group,
    Journey,
    counted_by_hand,
    store,
)

pytestmark = pytest.mark.django_db
GROUPS = ("cell", "flags", "video")
NAMES = [measure.name for measure in MEASURES]


def counts_of_day(day: int, cells: Collection[int] | None = None) -> dict[Group, Counter[str]]:
    chosen = Chosen(first_key(day * DAY_MS), first_key((day + 1) * DAY_MS), cells)
    cube = Cube(GROUPS, chosen)
    columns = event_store().counted(cube)
    rows = zip(*(columns[name].tolist() for name in cube.columns), strict=True)
    return {row[:3]: +Counter(dict(zip(NAMES, row[3:], strict=True))) for row in rows}


class TestAnyJourneys(HypothesisTestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(JOURNEY, max_size=20))
    def test_counts_are_those_by_hand(self, journeys: list[Journey]) -> None:
        store(journeys)
        by_hand = counted_by_hand(journeys)
        for day in range(DAYS):
            of_day = [j for j in journeys if j.at_ms // DAY_MS == day]
            expected = {group[1:]: +counts for group, counts in counted_by_hand(of_day).items()}
            assert counts_of_day(FIRST_DAY + day) == expected
        assert sum(len(counts_of_day(FIRST_DAY + day)) for day in range(DAYS)) == len(by_hand)


LONG = {Step.VIEWABLE: 0, Step.CLICK: 0, Step.WATCHED: 0}


@pytest.mark.parametrize(
    ("steps", "watched_ms", "watched_clicks"),
    [
        (LONG, 10_000, 1),
        (LONG, 9_999, 0),
        ({Step.VIEWABLE: 0, Step.WATCHED: 0}, 60_000, 0),  # no click
        ({Step.WATCHED: 0}, 60_000, 0),
        (LONG | {Step.WATCHED: 1}, 10_000, 1),  # counted where the click is
    ],
)
def test_a_watched_click_is_a_click_that_was_watched_for_long(
    steps: dict[Step, int], watched_ms: int, watched_clicks: int
) -> None:
    store([Journey(steps=steps, watched_ms=watched_ms)])
    counts = counts_of_day(FIRST_DAY)
    assert counts[1, 0, 1]["watched_clicks"] == watched_clicks
    assert sum(group["watched_clicks"] for group in counts.values()) == watched_clicks


def test_a_suspect_click_is_a_suspect_watched_click() -> None:
    store([Journey(steps=LONG | {Step.CLICK: 4}, watched_ms=10_000)])
    counts = counts_of_day(FIRST_DAY)
    assert counts[1, 4, 1] == {"clicks": 1, "watched_clicks": 1}
    assert "watched_clicks" not in counts[1, 0, 1]


def test_only_the_chosen_events_count() -> None:
    store([Journey(cell=cell, steps=LONG, watched_ms=10_000) for cell in (1, 2)])
    assert {cell for cell, *_ in counts_of_day(FIRST_DAY, [2])} == {2}
