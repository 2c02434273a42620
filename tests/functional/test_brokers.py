"""Four workers on a broker of their own; one is killed, every message is lost, no video is."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
FEATURES = "features"
Broker = Callable[[Path], AbstractContextManager[str]]


@contextmanager
def videos_to_make(
    broker: Broker, database_url: str, folder: Path, count: int
) -> Iterator[dict[str, str]]:
    """Give the environment of a site on a broker, with so many videos in its catalogue."""
    for name in ("clips", "broker"):
        (folder / name).mkdir()
    for number in range(count):
        write_clip(folder / "clips" / f"{number}.mp4", seconds=8, seed=number)
    with (
        broker(folder / "broker") as url,
        own_database(database_url, "test_coverlift_brokers", folder) as environment,
    ):
        environment["CELERY_BROKER_URL"] = url
        manage(environment, "import_videos", str(folder / "clips"), capture=True)
        yield environment


# RabbitMQ takes half a minute of two cores: `make scale` runs it.
@pytest.mark.parametrize(
    "broker", [brokers.redis, pytest.param(brokers.rabbitmq, marks=pytest.mark.benchmark)]
)
def test_no_video_waits_for_a_message_that_is_lost(
    broker: Broker, database_url: str, tmp_path: Path
) -> None:
    with videos_to_make(broker, database_url, tmp_path, VIDEOS) as environment:
        manage(environment, "make_thumbnails", capture=True)

        def of_state(state: str) -> int:
            return [found for found, _ in states(environment)].count(state)

        commands = {f"worker-{n}": worker("-n", f"worker-{n}@%h") for n in range(WORKERS)}
        with programs(commands, environment) as running:
            wait_until(lambda: of_state("making") > 0, "a video is begun")
            with Connection(environment["CELERY_BROKER_URL"]) as connection:
                connection.SimpleQueue("celery").clear()
            os.killpg(running[0].process.pid, signal.SIGKILL)
            running[0].process.wait()
            assert running[0].revive()
            wait_until(lambda: of_state("ready") == VIDEOS, "all videos are made")
        assert states(environment) == [("ready", 4)] * VIDEOS


@pytest.mark.benchmark
@pytest.mark.parametrize("broker", [brokers.redis, brokers.rabbitmq])
def test_features_are_made_by_the_workers_of_their_queue_alone(
    broker: Broker, database_url: str, tmp_path: Path
) -> None:
    with videos_to_make(broker, database_url, tmp_path, 2) as environment:
        environment["COVERLIFT_FEATURES_QUEUE"] = FEATURES
        commands = {"worker": worker(), "gpu": worker("-Q", FEATURES, "-n", "gpu@%h")}
        with programs(commands, environment):
            manage(environment, "make_thumbnails", "--wait", capture=True)
        assert states(environment) == [("ready", 4)] * 2
    told = {name: (tmp_path / "log" / f"{name}.log").read_text() for name in commands}
    assert {name for name, text in told.items() if "extract_features[" in text} == {"gpu"}
