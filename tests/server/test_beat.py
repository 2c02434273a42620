"""The clock of regular tasks goes on where the machine's was set back, and is the only one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from experiments.advisory_locks import BEAT_LOCK
from server.beat import LOOK_AGAIN_S, Scheduler
from server.celery import app

# It closes the connection, and with it a test's own transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scheduler(tmp_path: Path) -> Scheduler:
    return Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"), lazy=False)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the tasks that are sent."""
    names: list[str] = []

    def send(_: Scheduler, entry: Any, *__: Any, **___: Any) -> None:
        names.append(entry.task)

    monkeypatch.setattr(Scheduler, "apply_entry", send)
    monkeypatch.setattr(Scheduler, "producer", None)  # no broker is asked
    return names


def test_a_last_run_that_lies_ahead_is_forgotten(scheduler: Scheduler, sent: list[str]) -> None:
    entries: list[Any] = list(scheduler.schedule.values())
    for entry in entries:
        entry.last_run_at = entry.schedule.now() + timedelta(days=3)
    assert scheduler.tick() <= 5.0
    assert sent == []
    long_ago = timedelta(days=3)
    for entry in entries:
        assert entry.last_run_at <= entry.schedule.now()
        entry.last_run_at -= long_ago
    scheduler.populate_heap()
    for _ in entries:
        scheduler.tick()
    assert "roll_up" in sent
    scheduler.close()


def test_of_two_clocks_one_sends_and_the_other_takes_over(
    scheduler: Scheduler, sent: list[str]
) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BEAT_LOCK])
    entries: list[Any] = list(scheduler.schedule.values())
    for entry in entries:
        entry.last_run_at -= timedelta(days=3)
    scheduler.populate_heap()
    assert [scheduler.tick() for _ in range(3)] == [LOOK_AGAIN_S] * 3
    assert sent == []
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [BEAT_LOCK])
    scheduler.tick()
    assert len(sent) == 1
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [BEAT_LOCK])
        assert cursor.fetchone() == (False,)
    scheduler.close()
    other.close()


def test_a_clock_whose_session_is_lost_asks_for_the_lock_again(
    scheduler: Scheduler, sent: list[str]
) -> None:
    scheduler.tick()
    other = connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    with other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s, 10000), pg_advisory_lock(%s)", [session, BEAT_LOCK]
        )
    assert scheduler.tick() == LOOK_AGAIN_S
    other.close()
    scheduler.close()
