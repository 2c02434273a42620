"""A real worker on real files: its memory on a long film, and thousands of short videos."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from standalone.processes import ROOT, Program, programs
from standalone.stack import manage
from tests.benchmarks.made_videos import enlarged, needs_ffmpeg, short_videos
from tests.benchmarks.memory import MemoryWatch, family, lives, together_mb
from tests.functional.own_workers import own_database, worker

pytestmark = [pytest.mark.benchmark, needs_ffmpeg]

DATABASE = "bench_coverlift_making"
VIDEOS = int(os.environ.get("BENCH_VIDEOS", "2000"))
SPOILT = 20  # files that are none
SAMPLE_EVERY_S = 10.0
THUMBNAILS = "SELECT count(*) FROM experiments_thumbnail"
UNTOUCHED = "SELECT count(*) FROM experiments_video WHERE state = 'waiting'"


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    with own_database(database_url, DATABASE, tmp_path) as environment:
        (tmp_path / "clips").mkdir()
        yield environment


def query(environment: dict[str, str], sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(environment["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[object, ...]] = cursor.fetchall()
    connection.close()
    return rows


def number(environment: dict[str, str], sql: str) -> int:
    return int(str(query(environment, sql)[0][0]))


def test_peak_memory(environment: dict[str, str], shared_videos: Path, tmp_path: Path) -> None:
    """Of a worker and all it starts, on 25 minutes of 1080p, each selector's in all formats."""
    source = shared_videos / "big_buck_bunny_60s.mp4"
    enlarged(source, tmp_path / "clips" / "25_minutes_1080p.mp4", height=1080, repeats=25)
    manage(environment, "import_videos", str(tmp_path / "clips"), capture=True)
    with programs({"worker": worker()}, environment) as [running]:
        watch = MemoryWatch(running.process.pid)
        manage(environment, "make_thumbnails", "--wait", "--stalled-after-s", "3000", capture=True)
        peak = watch.stop()
    print(
        f"\nthe worker, its server and the step's child together {peak.together:.0f} MB", end=", "
    )
    print(f"the largest of them {peak.largest:.0f} MB")
    for part in peak.parts:
        print(f"  own {part.own:.0f}, shared {part.shared:.0f}, mapped files {part.files:.0f} MB")
    assert number(environment, THUMBNAILS) == len(settings.SELECTORS)
    assert peak.together < 700


def test_thousands_of_videos(
    environment: dict[str, str], shared_videos: Path, tmp_path: Path
) -> None:
    """Two kills of the worker and two Ctrl-C later, every video is made, and made once."""
    clips = tmp_path / "clips"
    made = short_videos(shared_videos / "big_buck_bunny_60s.mp4", clips, count=VIDEOS)
    for each in range(SPOILT):
        (clips / f"spoilt_{each}.mp4").write_text(f"letter {each}, no video")
    print(f"\n{made} clips and {SPOILT} files that are none")
    manage(environment, "import_videos", str(clips), capture=True)
    manage(environment, "make_thumbnails", capture=True)
    begun_s = time.monotonic()
    for share, sign in ((0.97, signal.SIGKILL), (0.9, signal.SIGINT), (0.6, signal.SIGKILL)):
        with programs({"worker": worker()}, environment) as [running]:
            follow(environment, running, until=round(share * VIDEOS))
            interrupt(environment, running, sign)
    with programs({"worker": worker()}, environment) as [running]:
        follow(environment, running, until=round(0.1 * VIDEOS))
        manage(environment, "make_thumbnails", "--wait")
    print(f"{time.monotonic() - begun_s:.0f} s in all")
    check_all(environment, made, tmp_path / "media")


def follow(environment: dict[str, str], running: Program, *, until: int) -> None:
    """Print rate, time left and memory every ten seconds while more than ``until`` wait."""
    while (left := number(environment, UNTOUCHED)) > until:
        running.check()
        said = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", PROGRESS],
            env=environment, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        print(f"  {left:5} wait; {said}; memory {together_mb(running.process.pid):.0f} MB")
        time.sleep(SAMPLE_EVERY_S)


PROGRESS = """
from experiments.making.progress import progress
now = progress()
print(f"{now.per_hour or 0:.0f} an hour, {now.left_s or 0:.0f} s left", now.counts)
"""


def interrupt(environment: dict[str, str], running: Program, sign: signal.Signals) -> None:
    """Kill -9 the worker and its children, or end it as Ctrl-C does, while it makes a video."""
    while not number(environment, "SELECT count(*) FROM experiments_video WHERE state = 'making'"):
        time.sleep(0.01)
    pids = family(running.process.pid)
    if sign is signal.SIGKILL:
        os.killpg(running.process.pid, sign)
    else:
        os.kill(running.process.pid, sign)
    running.process.wait(60)
    time.sleep(1)
    left = [pid for pid in pids if lives(pid)]
    print(f"  {sign.name}: {len(pids)} processes, {len(left)} of them left a second later")
    assert not left


def check_all(environment: dict[str, str], made: int, media: Path) -> None:
    """Every video has each selector's thumbnail and all files, and none was made twice."""
    rows = query(environment, "SELECT state, count(*) FROM experiments_video GROUP BY 1")
    states = {row[0]: row[1] for row in rows}
    codes = query(environment, "SELECT error_code, count(*) FROM experiments_video GROUP BY 1")
    named = query(
        environment,
        "SELECT DISTINCT each ->> 'file' FROM experiments_thumbnail, "
        "jsonb_array_elements(renditions) each",
    )
    files = {f"thumbnails/{path.name}" for path in (media / "thumbnails").iterdir()}
    print(states, codes, f"{len(named)} files named, {len(files)} stored")
    assert states == {"ready": made, "failed": SPOILT}
    assert number(environment, THUMBNAILS) == len(settings.SELECTORS) * made
    assert {str(name) for (name,) in named} <= files
    assert not [name for name in files if not re.fullmatch(r"thumbnails/[0-9a-f]{20}\.\w+", name)]
