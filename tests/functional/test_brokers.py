"""Four workers on a broker of their own; one is killed, every message is lost, no video is."""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from kombu import Connection

from standalone.processes import programs
from standalone.stack import manage
from tests.clips import write_clip
from tests.functional import brokers
from tests.functional.own_workers import own_database, worker
from tests.functional.test_workers import states
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
VIDEOS = 4
WORKERS = 4


# RabbitMQ takes half a minute of two cores: `make scale` runs it.
@pytest.mark.parametrize(
    "broker", [brokers.redis, pytest.param(brokers.rabbitmq, marks=pytest.mark.benchmark)]
)
def test_no_video_waits_for_a_message_that_is_lost(
    broker: Callable[[Path], AbstractContextManager[str]], database_url: str, tmp_path: Path
) -> None:
    for folder in ("clips", "broker"):
        (tmp_path / folder).mkdir()
    for number in range(VIDEOS):
        write_clip(tmp_path / "clips" / f"{number}.mp4", seconds=8, seed=number)
    with (
        broker(tmp_path / "broker") as url,
        own_database(database_url, "test_coverlift_brokers", tmp_path) as environment,
    ):
        environment["CELERY_BROKER_URL"] = url
        manage(environment, "import_videos", str(tmp_path / "clips"), capture=True)
        manage(environment, "make_thumbnails", capture=True)

        def of_state(state: str) -> int:
            return [found for found, _ in states(environment)].count(state)

        commands = {f"worker-{n}": worker("-n", f"worker-{n}@%h") for n in range(WORKERS)}
        with programs(commands, environment) as running:
            wait_until(lambda: of_state("making") > 0, "a video is begun")
            with Connection(url) as connection:
                connection.SimpleQueue("celery").clear()
            os.killpg(running[0].process.pid, signal.SIGKILL)
            running[0].process.wait()
            assert running[0].revive()
            wait_until(lambda: of_state("ready") == VIDEOS, "all videos are made")
        assert states(environment) == [("ready", 4)] * VIDEOS
