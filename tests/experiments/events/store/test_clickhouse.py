"""What Postgres counts of its events, ClickHouse counts of the same: to the last row and digit."""

import re
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import OperationalError, transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from experiments.analysis import two_way
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_json
from experiments.errors import ArchiveError
from experiments.events import ingest
from experiments.events.archive import archive_day
from experiments.events.bots import MIN_CLICKS_UNSEEN, flag_days
from experiments.events.bulk import copy_day, store_new
from experiments.events.columns import EventColumns
from experiments.events.count_check import check, counted_days
from experiments.events.forgetting import forget
from experiments.events.impressions import Row
from experiments.events.keys import DAY_MS, Flag
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.events.store import event_store
from experiments.events.store.base import EventStore
from experiments.events.store.cubes import Chosen, Cube
from experiments.events.tokens import viewer_number
from experiments.measures import Step
from experiments.models import (
    DayCount,
    Experiment,
    HourCount,
    MinuteCount,
    TwoWayError,
    VideoHourCount,
    VideoMinuteCount,
    ViewerFlag,
)
from tests.experiments.analysis.cuts import traffic
from tests.experiments.events.journeys import DAYS, JOURNEY, Journey, as_columns, event_rows
from tests.experiments.world import make_experiment

OPEN_DAY, OLD_DAY = 6_200, 5_700
CLICKER = 9
WHEN = re.compile(r'"(made_at|took_s)": .*|Computed at \S+ \S+ UTC')
Use = Callable[[int], EventStore]
TABLES = (DayCount, HourCount, VideoHourCount, VideoMinuteCount, MinuteCount, ViewerFlag)


@pytest.fixture
def archive(tmp_path: Path, settings: Any) -> None:
    settings.ARCHIVE_ROOT = tmp_path


@pytest.mark.django_db
@pytest.mark.usefixtures("archive")
@examples(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(JOURNEY, min_size=1, max_size=15), st.integers(0, 2**32))
def test_whatever_comes_is_counted_alike(
    use_shards: Use, journeys: list[Journey], seed: int
) -> None:
    use_shards(0)
    of_postgres = rolled_back(journeys, seed)
    use_shards(2)
    assert rolled_back(journeys, seed) == of_postgres


def rolled_back(journeys: list[Journey], seed: int) -> list[object]:
    with transaction.atomic():
        found = [*history(journeys, Random(seed))]  # noqa: S311  no secret
        transaction.set_rollback(True)
    return found


def history(journeys: list[Journey], random: Random) -> list[object]:
    """Let events come twice, late, in any order and by two doors; return all that is kept of it."""
    rows = [*of_viewers(event_rows(journeys, first_day=OPEN_DAY)), *clicks_unseen()]
    # What comes again may say something else: the first counts.
    sent = rows + [(*row[:4], row[4] ^ 1, row[5]) for row in random.sample(rows, len(rows) // 2)]
    random.shuffle(sent)
    first, second, third = (distinct_rows(sent[part::3]) for part in range(3))
    heard: list[object] = [sorted(ingest.store(first).new)]
    roll_up()
    heard.append(sorted(store_new(as_columns(sorted(second))).tolist()))
    heard.append(flag_days(range(OPEN_DAY, OPEN_DAY + DAYS)))
    roll_up()
    late = ingest.store(third)
    store_new(as_columns(event_rows(journeys, first_day=OLD_DAY)))
    roll_up()
    for day in sorted({OLD_DAY + journey.at_ms // DAY_MS for journey in journeys}):
        with TestCase.captureOnCommitCallbacks(execute=True):
            heard.append(archive_day(day).sha256)
    days = [*range(OLD_DAY, OLD_DAY + DAYS), *range(OPEN_DAY, OPEN_DAY + DAYS)]
    stored = [event for day in days for part in event_store().day(day) for event in tuples(part)]
    counts = [sorted(map(repr, table.objects.values_list())) for table in TABLES]
    return [*heard, sorted(late.new), sorted(late.taken), stored, counts, check(days)]


def of_viewers(rows: list[Row]) -> list[Row]:
    """Return events, each impression's of one of three viewers."""
    return [(row[0], 1 + (row[0] >> 3) % 3, *row[2:]) for row in rows]


def clicks_unseen() -> list[Row]:
    """Return clicks that a program makes: each proves its view, and nothing else does."""
    alike = Journey(steps={Step.VIEWABLE: 16, Step.CLICK: 0})
    rows = event_rows([alike] * MIN_CLICKS_UNSEEN, first=1_000, first_day=OPEN_DAY)
    return [(row[0], CLICKER, *row[2:]) for row in rows]


def distinct_rows(rows: list[Row]) -> list[Row]:
    """Return the rows, the first of each key."""
    return list({row[0]: row for row in reversed(rows)}.values())


def tuples(events: EventColumns) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in astuple(events)), strict=True))


@pytest.mark.django_db(transaction=True)
def test_a_report_is_the_same_to_the_last_digit(use_shards: Use) -> None:
    use_shards(0)
    experiment = make_experiment(videos=6)
    traffic.store(experiment, views=4_000, viewers=300)
    experiment.state, experiment.ended_at = Experiment.State.ENDED, timezone.now()
    experiment.save()  # of one that runs the days that are left depend on the clock
    roll_up()
    assert flag_days(counted_days()) == 0
    of_postgres = told(experiment)
    copied = [(day, list(event_store().day(day))) for day in counted_days()]
    use_shards(2)
    for day, parts in copied:
        copy_day(day, parts)
    assert check(counted_days()) == []  # they wait for the rollup
    roll_up()
    assert check(counted_days()) == []
    assert [day.changed for day in recount(counted_days())] == [0] * len(copied)
    assert told(experiment) == of_postgres


def told(experiment: Experiment) -> tuple[object, ...]:
    """Return what is kept of the two-way error, and the report, but for when they were made."""
    TwoWayError.objects.all().delete()
    assert two_way.compute(experiment.pk) is not None
    kept = TwoWayError.objects.values().get()
    when = ("id", "made_at", "took_s", "watermark")
    two_way_line = {name: value for name, value in kept.items() if name not in when}
    return two_way_line, WHEN.sub("", as_json(build(experiment)))


@pytest.mark.django_db
def test_the_first_row_of_a_key_counts_before_and_after_a_merge(use_shards: Use) -> None:
    store: Any = use_shards(1)
    shard = store.shards[0]
    shard.command("SYSTEM STOP MERGES events")
    rows = event_rows([Journey()], first_day=OPEN_DAY)
    for viewer in (5, 6, 7):  # as writers do who meet: each finds nothing there yet
        store.insert(as_columns([(rows[0][0], viewer, *rows[0][2:])]))
    assert shard.query("SELECT count(*) AS rows FROM events")["rows"].to_pylist() == [3]
    found = [event for part in store.day(OPEN_DAY) for event in tuples(part)]
    assert [event[1] for event in found] == [5]
    shard.command("SYSTEM START MERGES events")
    shard.command("OPTIMIZE TABLE events FINAL")
    assert shard.query("SELECT viewer FROM events")["viewer"].to_pylist() == [5]


def test_a_shard_that_does_not_answer_is_an_error(use_shards: Use) -> None:
    server = pytest.importorskip("experiments.events.store.server")
    store: Any = use_shards(2)
    store.shards[1] = server.Server(urlsplit("clickhouse://127.0.0.1:9/events"))
    for ask in (store.days, lambda: store.counted(Cube(("cell",), Chosen()))):
        with pytest.raises(OperationalError, match=r"127\.0\.0\.1"):
            ask()


@pytest.mark.django_db
@pytest.mark.usefixtures("archive")
def test_a_day_whose_archiving_was_killed_is_dropped_the_next_time(use_shards: Use) -> None:
    store = use_shards(2)
    store_new(as_columns(event_rows([Journey()], first_day=OLD_DAY)))
    roll_up()
    archived = archive_day(OLD_DAY)  # the test's transaction ends before it is told to drop
    assert store.days() == {OLD_DAY}
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert archive_day(OLD_DAY) == archived
    assert store.days() == set()
    with pytest.raises(ArchiveError, match="archive --restore 2025-08-10"):
        store_new(as_columns(event_rows([Journey()], first_day=OLD_DAY)))


@pytest.mark.django_db
def test_who_is_forgotten_is_counted_as_before(use_shards: Use) -> None:
    store, number = use_shards(2), viewer_number("ann", settings.VIEWER_KEY)
    ingest.store([(row[0], number, *row[2:]) for row in clicks_unseen()])
    flag_days([OPEN_DAY])
    roll_up()
    before = list(DayCount.objects.values())
    assert forget({number: 7}).events == 2 * MIN_CLICKS_UNSEEN
    viewers = {event[1] for part in store.day(OPEN_DAY) for event in tuples(part)}
    assert viewers == {7}
    assert [day.changed for day in recount([OPEN_DAY])] == [0]
    assert list(DayCount.objects.values()) == before
    assert {row["flags"] for row in before} == {Flag.NEVER_VIEWABLE}
