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
from experiments.measures import Step
from experiments.models import DayCount, Event

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
    return {context_flags(e.context) & 15 for e in Event.objects.filter(viewer=viewer)}


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


def test_a_click_is_no_less_suspect_than_its_view() -> None:
    """Events that were stored before the door saw to it."""
    keys = impression_id(DAY * DAY_MS + np.arange(3), 1, np.zeros(3, dtype=np.int64))
    both = np.concatenate([keys | Step.VIEWABLE, keys | Step.CLICK])
    flagged = np.array([Flag.BOT_AGENT, Flag.IMPLIED, 0, 0, Flag.BOT_AGENT, 0])
    ones = np.ones_like(both)
    copy_events(EventColumns(both, ones * 7, ones, ones, pack_context(ones, ones, flagged)))
    assert flag_days([DAY]) == 1
    clicks = Event.objects.filter(key__in=(keys | Step.CLICK).tolist()).order_by("key")
    assert [context_flags(click.context) for click in clicks] == [1, 1, 0]
    roll_up()
    assert DayCount.objects.filter(flags=0).values_list("views", "clicks").get() == (2, 1)
