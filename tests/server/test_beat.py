"""The clock of regular tasks goes on where the machine's was set back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.beat import Scheduler
from server.celery import app


@pytest.fixture
def scheduler(tmp_path: Path) -> Scheduler:
    return Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"), lazy=False)


def test_a_last_run_that_lies_ahead_is_forgotten(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def send(entry: Any, *_: Any, **__: Any) -> None:
        sent.append(entry.task)

    monkeypatch.setattr(scheduler, "apply_entry", send)
    monkeypatch.setattr(Scheduler, "producer", None)  # no broker is asked
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
