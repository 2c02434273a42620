"""Events leave one store for another, day by day, and every count stays what it was."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from experiments.errors import ArchiveError
from experiments.events.bots import MIN_CLICKS_UNSEEN, flag_days
from experiments.events.bulk import store_new
from experiments.events.count_check import check
from experiments.events.keys import Flag
from experiments.events.moving import move_day
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.events.store import event_store
from experiments.events.store.base import EventStore
from experiments.events.store.postgres import PostgresStore
from experiments.measures import Step
from experiments.models import DayCount, Event, HourCount
from tests.experiments.events.journeys import Journey, as_columns, event_rows

pytestmark = pytest.mark.django_db
DAY = 6_100
Use = Callable[[int], EventStore]


def stored_events() -> None:
    """Store and count a day's events, those of a viewer who clicks what was never seen flagged."""
    clicks = Journey(steps={Step.VIEWABLE: 16, Step.CLICK: 0})
    rows = event_rows([clicks] * MIN_CLICKS_UNSEEN, first_day=DAY)
    seen = event_rows([Journey()], first=1_000, first_day=DAY)
    store_new(as_columns(rows + [(row[0], 77, *row[2:]) for row in seen]))
    flag_days([DAY])
    roll_up()


def counts() -> list[tuple[object, ...]]:
    return [*DayCount.objects.values_list(), *HourCount.objects.values_list()]


def of_day(store: EventStore) -> list[int]:
    return [key for part in store.day(DAY) for key in part.key.tolist()]


def test_a_day_goes_to_two_shards_with_its_flags_and_comes_back(use_shards: Use) -> None:
    postgres = use_shards(0)
    stored_events()
    before, keys = counts(), of_day(postgres)
    assert set(DayCount.objects.values_list("flags", flat=True)) == {0, Flag.NEVER_VIEWABLE}
    clickhouse = use_shards(2)
    assert move_day(DAY, postgres) == len(keys)
    assert DAY not in postgres.days()
    assert (of_day(clickhouse), check([DAY])) == (keys, [])
    assert [day.changed for day in recount([DAY])] == [0]
    assert use_shards(0) is not clickhouse
    assert move_day(DAY, clickhouse) == len(keys)
    assert (of_day(event_store()), counts()) == (keys, before)


def test_a_day_that_was_half_moved_when_it_was_killed_is_moved_again(
    use_shards: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres = use_shards(0)
    stored_events()
    keys = of_day(postgres)
    use_shards(1)
    with monkeypatch.context() as patch:
        patch.setattr(PostgresStore, "drop", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            move_day(DAY, postgres)
    assert of_day(postgres) == of_day(event_store()) == keys
    assert move_day(DAY, postgres) == len(keys)
    assert of_day(event_store()) == keys


def test_what_would_change_a_count_or_is_not_counted_stays(use_shards: Use) -> None:
    postgres = use_shards(0)
    stored_events()
    store_new(as_columns(event_rows([Journey(video=2)], first=2_000, first_day=DAY)))
    use_shards(1)
    with pytest.raises(ArchiveError, match="run the rollup first"):
        move_day(DAY, postgres)
    use_shards(0)
    roll_up()
    DayCount.objects.filter(video=2).delete()
    use_shards(1)
    with pytest.raises(ArchiveError, match="its counts would change"):
        move_day(DAY, postgres)
    assert Event.objects.count() == len(of_day(postgres)) > 0


def test_the_command_says_what_it_moved_and_refuses_what_is_no_other_store(
    use_shards: Use, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    use_shards(0)
    stored_events()
    events = Event.objects.count()
    use_shards(1)
    call_command("move_events", "--from", "postgres")
    assert f"2026-09-14: {events:,} events" in capsys.readouterr().out
    with pytest.raises(CommandError, match="must be another than COVERLIFT_EVENTS is"):
        call_command("move_events", "--from", "1 shards")
    with pytest.raises(CommandError, match="--from, which begins with 'mysql', must be postgres"):
        call_command("move_events", "--from", "mysql://host/events")


def test_a_store_that_is_away_loses_nothing(use_shards: Use) -> None:
    postgres = use_shards(0)
    stored_events()
    store = use_shards(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store), "insert", _is_away)
        with pytest.raises(OperationalError):
            move_day(DAY, postgres)
    assert Event.objects.count() == len(of_day(postgres))


def _is_away(*_: object) -> None:
    raise OperationalError("away")
