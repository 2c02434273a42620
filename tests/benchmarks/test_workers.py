"""Thumbnails by one, two and four workers on brokers of their own: how near they come to the cores.

BENCH_VIDEOS=40 for more of them.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path

import pytest

from standalone.processes import programs
from standalone.stack import manage
from tests.benchmarks import processor
from tests.clips import write_clip
from tests.functional import brokers
from tests.functional.own_workers import own_database, worker
from tests.functional.test_workers import states
from tests.waiting import wait_until

pytestmark = pytest.mark.benchmark
DATABASE = "bench_coverlift_brokers"
VIDEOS = int(os.environ.get("BENCH_VIDEOS", "24"))
WARM_UP = 2  # videos a worker, whose first one loads what makes them
WORKERS = (1, 2, 4)
LOOK_EVERY_S = 0.5


@pytest.mark.parametrize("broker", [brokers.redis, brokers.rabbitmq])
def test_videos_a_minute(
    broker: Callable[[Path], AbstractContextManager[str]],
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "broker").mkdir()
    seeds = count()
    with (
        broker(tmp_path / "broker") as url,
        own_database(database_url, DATABASE, tmp_path) as environment,
    ):
        environment["CELERY_BROKER_URL"] = url
        for workers in WORKERS:
            made = measured(environment, tmp_path, workers, seeds)
            with capsys.disabled():
                print(f"\n{url.partition(':')[0]}, {workers} workers: {made}")
        assert {state for state, _ in states(environment)} == {"ready"}


def measured(environment: dict[str, str], folder: Path, workers: int, seeds: Iterator[int]) -> str:
    """Return what so many workers do once each has made videos, from when they have the tasks."""
    commands = {f"worker-{n}": worker("-n", f"worker-{n}@%h") for n in range(workers)}
    with programs(commands, environment) as running:
        ask_for(environment, folder, WARM_UP * workers, seeds)
        wait_until(lambda: waiting(environment) == 0, "all are made")
        ask_for(environment, folder, VIDEOS, seeds)
        pids = [program.process.pid for program in running]
        videos, begun_s = waiting(environment), time.monotonic()
        before_s, idle_s = used_s(pids), -processor.idle_s()
        while waiting(environment):
            time.sleep(LOOK_EVERY_S)
        took_s, cpu_s = time.monotonic() - begun_s, used_s(pids) - before_s
        idle_s += processor.idle_s()
    return (
        f"{videos} videos, {60 * videos / took_s:.0f} a minute, {cpu_s / videos:.2f} s of CPU a"
        f" video, {cpu_s / took_s:.2f} of {os.cpu_count()} cores; idle {idle_s / took_s:.2f}"
    )


def used_s(pids: Iterable[int]) -> float:
    """Return the CPU time of processes and all that they started."""
    return sum(map(processor.tree_s, pids))


def waiting(environment: dict[str, str]) -> int:
    """Return how many videos are not made yet."""
    return sum(state != "ready" for state, _ in states(environment))


def ask_for(environment: dict[str, str], folder: Path, videos: int, seeds: Iterator[int]) -> None:
    """Bring new videos and ask for their thumbnails."""
    clips = folder / f"clips-{next(seeds)}"
    clips.mkdir()
    for seed in (next(seeds) for _ in range(videos)):
        write_clip(clips / f"{seed}.mp4", seconds=8, seed=seed)
    manage(environment, "import_videos", str(clips), capture=True)
    manage(environment, "make_thumbnails", capture=True)
