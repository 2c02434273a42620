"""Old events go to files that are proved by their counts, and come back as they were."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from experiments.analysis import two_way
from experiments.errors import ArchiveError
from experiments.events import archive_files
from experiments.events.archive import archive_day, due_days, restore_day
from experiments.events.clock import now_ms
from experiments.events.count_check import check, check_sample
from experiments.events.keys import DAY_MS, date_of
from experiments.events.partitions import ensure_days, partition_name, stored_days
from experiments.events.recount import recount
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.models import ArchivedDay, DayCount, Event, Experiment
from experiments.serving import allocation_phases
from tests.experiments.events.journeys import DAYS, JOURNEY, Journey
from tests.experiments.events.journeys import store as store_from
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db(transaction=True)
FIRST_DAY = 5_700  # long closed
LONG_WATCH = {Step.VIEWABLE: 0, Step.CLICK: 16, Step.WATCHED: 0}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    return tmp_path / "archive"


@pytest.fixture(autouse=True)
def no_other_days(folder: Path) -> Iterator[None]:
    """Take away the tables of days that other tests have left, and those of this one."""

    def drop() -> None:
        with connection.cursor() as cursor:
            for day in stored_days():
                cursor.execute(f"DROP TABLE {partition_name(day)}")

    drop()
    yield
    drop()


def store(journeys: list[Journey], first: int = 0, first_day: int = FIRST_DAY) -> None:
    store_from(journeys, first, first_day)


def events() -> list[tuple[Any, ...]]:
    return list(Event.objects.order_by("key").values_list())


def ended_long_ago(slug: str = "ended", days: int = 500) -> list[int]:
    """Return the cells of an experiment that ended so many days ago."""
    experiment = make_experiment(slug, videos=1)
    cells = list(allocation_phases.cells(experiment).values())
    at = timezone.now() - timedelta(days=days)
    Experiment.objects.filter(pk=experiment.pk).update(state="ended", started_at=at, ended_at=at)
    return cells


@examples(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JOURNEY, min_size=1, max_size=12))
def test_events_come_back_to_the_last_bit_and_counts_stay(journeys: list[Journey]) -> None:
    try:
        store(journeys)
        roll_up()
        before, counts = events(), list(DayCount.objects.order_by("pk").values_list())
        days = sorted(stored_days() & set(range(FIRST_DAY, FIRST_DAY + DAYS)))
        archived = [archive_day(day) for day in days]
        assert events() == []
        assert sum(found.events for found in archived) == len(before)
        assert list(DayCount.objects.order_by("pk").values_list()) == counts
        assert check(range(FIRST_DAY, FIRST_DAY + DAYS)) == []
        assert sum(map(restore_day, days)) == len(before)
        roll_up()
        assert events() == before
        assert list(DayCount.objects.order_by("pk").values_list()) == counts
        assert check(range(FIRST_DAY, FIRST_DAY + DAYS)) == []
    finally:
        DayCount.objects.all().delete()
        ArchivedDay.objects.all().delete()
        Event.objects.all().delete()


def test_a_day_is_due_when_it_and_its_experiments_are_old(settings: Any) -> None:
    old, kept = ended_long_ago("old")[0], ended_long_ago("kept", days=399)[0]
    running = allocation_phases.cells(make_experiment("running", videos=1))[0]
    today = now_ms() // DAY_MS
    ensure_days([today - 401])
    for back, cell in ((450, old), (449, kept), (448, running), (399, old)):
        store([Journey(cell=cell)], first=back, first_day=today - back)
    roll_up()
    assert due_days() == [today - 450, today - 401]
    settings.KEEP_EVENTS_DAYS = 398
    assert due_days() == [today - 450, today - 449, today - 401, today - 399]
    settings.KEEP_EVENTS_DAYS, settings.TOKEN_LIFETIME_S = 398, 420 * 86_400
    assert due_days() == [today - 450, today - 449], "tokens of the others live"


def test_what_is_not_counted_or_counted_wrongly_stays(folder: Path) -> None:
    store([Journey(steps=LONG_WATCH, watched_ms=20_000)])
    with pytest.raises(ArchiveError, match="run the rollup first"):
        archive_day(FIRST_DAY)
    roll_up()
    DayCount.objects.update(watched_clicks=0)
    with pytest.raises(ArchiveError, match="counts them anew"):
        archive_day(FIRST_DAY)
    assert len(events()) == 3
    list(recount([FIRST_DAY]))
    archive_day(FIRST_DAY)
    assert events() == []


def test_a_file_that_is_not_what_was_counted_drops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store([Journey(video=1), Journey(video=2)])
    roll_up()
    write = archive_files.write
    monkeypatch.setattr(
        archive_files, "write", lambda path, parts: write(path, [p.take(slice(1)) for p in parts])
    )
    with pytest.raises(ArchiveError, match="None in the file"):
        archive_day(FIRST_DAY)
    assert len(events()) == 2


class StoppedError(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize("act", [archive_day, restore_day])
def test_stopped_anywhere_a_day_is_here_or_there(act: Any) -> None:
    store([Journey(steps=LONG_WATCH, watched_ms=20_000)])
    roll_up()
    before = events()
    if act is restore_day:
        archive_day(FIRST_DAY)
    for statement in range(100):
        left = iter(range(statement))

        def die_in_time(execute: Any, *call: Any, left: Any = left) -> Any:
            if next(left, None) is None:
                raise StoppedError
            return execute(*call)

        try:
            with connection.execute_wrapper(die_in_time):
                act(FIRST_DAY)
            break
        except StoppedError:
            is_here = act is archive_day
            assert events() == (before if is_here else [])
            assert ArchivedDay.objects.exists() is not is_here
    assert statement > 3, "it takes more statements than were tried"
    assert events() == ([] if act is archive_day else before)
    assert check([FIRST_DAY]) == []


def test_a_damaged_or_missing_file_brings_nothing_back() -> None:
    store([Journey()])
    roll_up()
    archive_day(FIRST_DAY)
    path = archive_files.path_of(FIRST_DAY)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?")
    with pytest.raises(ArchiveError, match="is not the file that was written"):
        restore_day(FIRST_DAY)
    path.unlink()
    with pytest.raises(ArchiveError, match="is not the file that was written"):
        restore_day(FIRST_DAY)
    path.write_bytes(whole)
    assert restore_day(FIRST_DAY) == 1
    with pytest.raises(ArchiveError, match="is not archived"):
        restore_day(FIRST_DAY)


def test_doors_that_read_events_say_what_is_archived(tmp_path: Path) -> None:
    cells = ended_long_ago()
    store([Journey(video=1, cell=cell, steps=LONG_WATCH) for cell in cells])
    roll_up()
    experiment = Experiment.objects.get()
    assert list(two_way.due()) == [experiment.pk]
    archive_day(FIRST_DAY)
    day = date_of(FIRST_DAY)
    told = f"1 days, {day} to {day}.*--restore {day}"
    for command, *words in (
        ("two_way", "ended"),
        ("export_events", "ended", str(tmp_path / "events.csv")),
        ("export_counts", "ended", str(tmp_path / "counts.csv")),
    ):
        with pytest.raises(CommandError, match=told):
            call_command(command, *words)
    Experiment.objects.update(unit="viewer")
    with pytest.raises(CommandError, match=told):
        call_command("report", "ended")
    assert list(two_way.due()) == []
    with pytest.raises(ArchiveError, match="more cannot be stored"):
        store([Journey()], first=9)
    assert check_sample(5, seed=1) == (0, [])


def test_the_command_archives_lists_and_restores(capsys: pytest.CaptureFixture[str]) -> None:
    day = now_ms() // DAY_MS - 450
    store([Journey(cell=ended_long_ago()[0])], first_day=day)
    roll_up()
    call_command("archive")
    call_command("archive")
    call_command("archive", "--list")
    call_command("check_counts")
    call_command("archive", "--restore", str(date_of(day)))
    told = capsys.readouterr().out
    assert told.count(f"{date_of(day)}: 1 events in 0.0 MB") == 2
    assert "0 days done" in told
    assert "1 days passed over: their events are archived" in told
    assert f"{date_of(day)}: 1 events are back" in told
    with pytest.raises(CommandError, match="no day from"):
        call_command("archive", "--restore", str(date_of(day)))
    with pytest.raises(CommandError, match="in order"):
        call_command("archive", "--restore", "2026-02-02", "2026-01-01")
