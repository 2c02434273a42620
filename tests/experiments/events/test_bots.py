"""Suspect viewers are found by what they do, and people are left alone."""

import numpy as np
import pytest
from django.core.management import call_command

from experiments.events.bots import flag_days
from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.count_check import check
from experiments.events.keys import (
    DAY_MS,
    Flag,
    context_flags,
    impression_id,
    pack_context,
)
from experiments.events.rollup import roll_up
from experiments.events.store import event_store
from experiments.events.viewer_flags import with_flags
from experiments.measures import Step
from experiments.models import DayCount, HourCount, NetworkVisit

pytestmark = pytest.mark.django_db
DAY = 6000


def visit(
    viewer: int, views: int, clicks: int, *, implied: bool = False, gap_ms: int = 20_000
) -> None:
    """Let a viewer see so many impressions and click on the first of them."""
    ms = DAY * DAY_MS + np.arange(views, dtype=np.int64) * gap_ms
    ids = impression_id(ms, viewer, np.zeros_like(ms))
    keys = np.concatenate([ids | Step.VIEWABLE, ids[:clicks] | Step.CLICK])
    flags = np.where(keys & 7 == Step.VIEWABLE, Flag.IMPLIED if implied else 0, 0)
    ones = np.ones_like(keys)
    copy_events(EventColumns(keys, ones * viewer, ones, ones, pack_context(ones, ones, flags)))


def flags(viewer: int) -> set[int]:
    events = event_store().day(DAY)
    return {
        int(context_flags(context)) & 15
        for of_hour in (with_flags(DAY, part) for part in events)
        for context in of_hour.context[of_hour.viewer == viewer]
    }


def test_each_rule_finds_its_kind_and_no_other() -> None:
    visit(1, views=300, clicks=20)  # a person, all day
    visit(2, views=1500, clicks=50, gap_ms=1000)
    visit(3, views=6, clicks=6, implied=True)
    visit(4, views=40, clicks=30)
    visit(5, views=4, clicks=4, implied=True)  # too few to judge
    visit(6, views=1500, clicks=20)  # much, but not fast
    assert flag_days([DAY]) == 1550 + 12 + 70
    assert [flags(viewer) for viewer in range(1, 7)] == [
        {0}, {Flag.BOT_RATE}, {Flag.NEVER_VIEWABLE}, {Flag.CLICKS_ALL}, {0}, {0},
    ]  # fmt: skip


def test_counts_follow_the_flags_and_a_second_look_changes_nothing() -> None:
    visit(1, views=10, clicks=1)
    visit(4, views=40, clicks=30)
    roll_up()
    assert DayCount.objects.values_list("views").get() == (50,)
    assert flag_days([DAY]) == 70
    assert check([DAY]) == []  # it waits for its rollup
    roll_up()
    rows = DayCount.objects.order_by("flags").values_list("flags", "views", "clicks")
    assert list(rows) == [(0, 10, 1), (Flag.CLICKS_ALL, 40, 30)]
    assert check([DAY]) == []
    assert flag_days([DAY]) == 0
    call_command("flag_bots")


def test_events_that_come_after_the_flag_are_suspect_too() -> None:
    visit(4, views=40, clicks=30)
    assert flag_days([DAY]) == 70
    roll_up()
    late = impression_id(np.array([(DAY + 1) * DAY_MS - 1]), 4, np.zeros(1, dtype=np.int64))
    ones = np.ones_like(late)
    copy_events(EventColumns(late | Step.VIEWABLE, ones * 4, ones, ones, ones))
    roll_up()
    assert DayCount.objects.values_list("flags", "views").get() == (Flag.CLICKS_ALL, 41)
    assert HourCount.objects.filter(flags=0).count() == 0
    assert check([DAY]) == []
    assert flag_days([DAY]) == 0


def test_a_click_is_no_less_suspect_than_its_view() -> None:
    """Events whose view and click came at the same moment: their viewer is flagged as the view."""
    keys = impression_id(DAY * DAY_MS + np.arange(3), 1, np.zeros(3, dtype=np.int64))
    both = np.concatenate([keys | Step.VIEWABLE, keys | Step.CLICK])
    flagged = np.array([Flag.BOT_AGENT, Flag.IMPLIED, 0, 0, Flag.BOT_AGENT, 0])
    more_suspect_click = np.array([0, 0, 0, Flag.BOT_AGENT, 0, 0])
    for viewer, order in ((7, flagged), (8, more_suspect_click)):
        ones = np.ones_like(both)
        copy_events(EventColumns(both, ones * viewer, ones, ones, pack_context(ones, ones, order)))
        both = both + (1 << 12)
    assert flag_days([DAY]) == 6
    assert (flags(7), flags(8)) == ({Flag.BOT_AGENT}, {0, Flag.BOT_AGENT})
    assert flag_days([DAY]) == 0


def test_the_viewers_of_one_network_are_added_up() -> None:
    """Each by itself is nobody: together they click on more than people do."""
    for viewer in range(20, 31):
        visit(viewer, views=10, clicks=4)
        NetworkVisit.objects.create(day=DAY, network=1 + viewer // 30, viewer=viewer)
    NetworkVisit.objects.create(day=DAY, network=2, viewer=29)
    assert flag_days([DAY]) == 10 * 14
    assert [flags(viewer) for viewer in (20, 29, 30)] == [
        {Flag.CLICKS_ALL}, {Flag.CLICKS_ALL}, {0},
    ]  # fmt: skip
