"""A day of millions to its file and back: bytes an event, and CPU."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.events.archive import archive_day, restore_day
from experiments.events.bulk import copy_events
from experiments.events.rollup import roll_up
from tests.benchmarks import processor
from tests.benchmarks.test_bulk import FIRST_DAY, day_of_events

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
ROWS = 1_000_000
DAY = FIRST_DAY - 400


def test_a_day_goes_and_comes_back(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ARCHIVE_ROOT = tmp_path
    copy_events(day_of_events(DAY, [1, 2, 3], ROWS, seed=1))
    roll_up()
    archived = archive_day(DAY)
    back_s = used_s(lambda: restore_day(DAY))
    roll_up()
    there_s = used_s(lambda: archive_day(DAY))
    with capsys.disabled():
        print(
            f"\n{archived.events:,} events: {archived.size_bytes / archived.events:.1f} bytes each;"
            f" written, read again, counted and dropped in {there_s:.1f} s of CPU, restored in"
            f" {back_s:.1f} s"
        )


def used_s(work: Callable[[], object]) -> float:
    """Return the CPU of this process and of its server process."""
    before_s = time.process_time() + processor.backend_s()
    work()
    return time.process_time() + processor.backend_s() - before_s
