"""Real workers on a real broker: features on a queue of their own, and a worker killed midway."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from standalone.processes import Program, programs
from standalone.stack import manage
from tests.clips import write_clip
from tests.functional.own_workers import own_database, worker
from tests.waiting import wait_until

DATABASE = "test_coverlift_workers"
pytestmark = pytest.mark.functional


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A migrated database and folders of the test's own, with two clips to be made."""
    (tmp_path / "clips").mkdir()
    for number in range(2):
        write_clip(tmp_path / "clips" / f"{number}.mp4", seconds=8 + number, seed=number)
    with own_database(database_url, DATABASE, tmp_path) as environment:
        manage(environment, "import_videos", str(tmp_path / "clips"), capture=True)
        yield environment


def states(environment: dict[str, str]) -> list[tuple[str, int]]:
    connection = psycopg2.connect(environment["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, (SELECT count(*) FROM experiments_thumbnail t WHERE t.video_id = v.id)"
            " FROM experiments_video v ORDER BY v.id"
        )
        found: list[tuple[str, int]] = cursor.fetchall()
    connection.close()
    return found


def kill_midway(running: list[Program], environment: dict[str, str]) -> None:
    """Kill -9 the worker and its children while it makes a video."""
    wait_until(
        lambda: any(state == "making" for state, _ in states(environment)), "a video is begun"
    )
    os.killpg(running[0].process.pid, signal.SIGKILL)
    running[0].process.wait()


def test_a_worker_of_features_and_one_of_the_rest(
    environment: dict[str, str], tmp_path: Path
) -> None:
    environment["COVERLIFT_FEATURES_QUEUE"] = "features"
    commands = {"worker": worker(), "features": worker("-Q", "features", "-n", "features@%h")}
    with programs(commands, environment):
        manage(environment, "make_thumbnails", "--wait", capture=True)
    assert states(environment) == [("ready", 4), ("ready", 4)]
    assert list((tmp_path / "spool").iterdir()) == []
    assert "extract_features" in (tmp_path / "log" / "features.log").read_text()


def test_a_run_whose_worker_is_killed_is_taken_up_where_it_was(
    environment: dict[str, str],
) -> None:
    manage(environment, "make_thumbnails", capture=True)
    with programs({"worker": worker()}, environment) as running:
        kill_midway(running, environment)
    with programs({"worker": worker()}, environment):
        manage(environment, "make_thumbnails", "--wait", capture=True)
    assert states(environment) == [("ready", 4), ("ready", 4)]
