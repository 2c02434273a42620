"""How long a report takes at the pilot's full size; prints figures, asserts none of time.

Processor seconds, those of Postgres among them, are what one core needs; wall-clock seconds also
tell what else the machine did.
"""

import os
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from experiments.analysis.confidence_sequences import course
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_json
from experiments.analysis.report.reading import read
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.share_check import share_check
from experiments.analysis.stats.summary import summarise
from experiments.models import Experiment, Video
from experiments.paper import PILOT_VIDEOS
from experiments.serving import allocation_phases
from experiments.unit import Unit
from tests.benchmarks import processor
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.benchmark

ARMS = ("raw", "re_seq2seq", "gevaden")
DAYS = 30
FIRST_DAY = date(2026, 6, 1)
VIEWS_A_DAY = 120  # of a video in one arm
CHANGES: dict[int, dict[int, float]] = {
    10: {0: 2, 1: 1, 2: 1},
    20: {0: 1, 1: 1, 2: 2},
}  # weights, by the day they begin
COPY = (
    "COPY experiments_daycount (day, cell, video, flags, served, loaded, views, animated, clicks,"
    " watched, watched_clicks, watched_ms, calm) FROM STDIN"
)

PICTURES = """
INSERT INTO experiments_thumbnail (
    video_id, selector, model_version, file, media_type, size_bytes, width, height, renditions,
    selection, frames_key, shots_s, shot_length_s, picked_by, candidates, note, made_at)
SELECT video.id, selector, '1', 'a',
    CASE selector WHEN 'raw' THEN 'image/jpeg' ELSE 'image/gif' END,
    20000 + hashtext(video.slug || selector) %% 9000, 320, 180, '[]', '', '', '[]', 1, '',
    '[]', '',
    now() FROM experiments_video AS video, unnest(%s::text[]) AS selector"""


def timed(what: str, call: Callable[[], object]) -> None:
    """Print the best of three runs."""
    took = []
    for _ in range(3):
        wall, here, there = time.perf_counter(), time.process_time(), of_postgres()
        call()
        here, there = time.process_time() - here, of_postgres() - there
        took.append((here + there, there, time.perf_counter() - wall))
    processor, there, wall = (1000 * seconds for seconds in min(took))
    print(
        f"{what:<38} {processor:7.1f} ms of processor, {there:6.1f} of them Postgres';"
        f" {wall:8.1f} ms wall"
    )


def of_postgres() -> float:
    """Return the processor seconds of this connection's process, to a hundredth."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def pilot(changes: dict[int, dict[int, float]]) -> Experiment:
    """Make a month of the pilot's counts in Postgres, its weights changed on some days."""
    experiment = make_experiment(videos=0)
    entries = (Video(slug=f"v{i}", title=f"Video {i}") for i in range(PILOT_VIDEOS))
    experiment.videos.set(Video.objects.bulk_create(entries))
    with connection.cursor() as cursor:
        cursor.execute(PICTURES, [list(ARMS)])
    rng = np.random.default_rng(0)
    base = rng.gamma(4, 0.053 / 4, PILOT_VIDEOS)[:, None]
    spread = rng.normal(0, [0.0, 0.25, 0.25], (PILOT_VIDEOS, 3))
    rates = np.clip(base * np.array([1.0, 1.2, 1.375]) * np.exp(spread), 0, 1)
    with connection.cursor() as cursor:
        for day in range(DAYS):
            if day in changes:
                allocation_phases.change(experiment, weights=changes[day])
            rows = day_rows(experiment, day, rates, rng)
            with cursor.copy(COPY) as copy:
                copy.write(rows)
        cursor.execute("ANALYZE experiments_daycount")
    return experiment


def day_rows(experiment: Experiment, day: int, rates: np.ndarray, rng: np.random.Generator) -> str:
    """Return the rows of one day as COPY takes them."""
    cells = list(allocation_phases.current(experiment).cells.order_by("arm__index"))
    videos = experiment.videos.order_by("pk").values_list("pk", flat=True)
    views = rng.poisson([3 * VIEWS_A_DAY * cell.share for cell in cells], rates.shape)
    clicks = rng.binomial(views, rates)
    at = FIRST_DAY + timedelta(days=day)
    return "".join(
        f"{at}\t{cell.pk}\t{video}\t0\t{2 * n}\t{n + x}\t{n}\t{moves * n * 9 // 10}\t{x}\t{x}\t"
        f"{x * 6 // 10}\t{30_000 * x + video}\t0\n"
        for video, seen, clicked in zip(videos, views.tolist(), clicks.tolist(), strict=True)
        for cell, moves, n, x in zip(cells, (0, 1, 1), seen, clicked, strict=True)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{}, CHANGES], ids=["one phase", "three phases"])
def test_report_of_the_pilot(
    changes: dict[int, dict[int, float]], capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = pilot(changes)
    processor.backend_alone()
    reading = read(experiment)
    estimated = estimate(reading.counts, reading.unit)
    report = build(experiment)
    counts = reading.counts
    assert isinstance(counts, StratifiedCounts)
    parts: dict[str, Callable[[], object]] = {
        "the report": lambda: build(experiment),
        "  read from Postgres": lambda: read(experiment),
        "  estimate": lambda: estimate(counts, reading.unit),
        "  summarise": lambda: summarise(estimated),
        "  compare": lambda: compare(estimated.mean_ctr),
        "  share check": lambda: share_check(counts, reading.unit),
        "its document as JSON": lambda: as_json(report),
        "the course of a running one, 30 looks": lambda: course(experiment, report),
    }
    with capsys.disabled():
        print(f"\n{PILOT_VIDEOS:,} videos x 3 arms x {len(counts.shares)} phases, {DAYS} days")
        for what, call in parts.items():
            timed(what, call)
    assert report.included == PILOT_VIDEOS


def test_two_way_error_of_ten_million_sums(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    rows = 10_000_000
    sums = ViewerVideoSums(
        viewer_ids=rng.integers(0, 1_000_000, rows),
        video_ids=rng.integers(0, PILOT_VIDEOS, rows),
        stratum=np.zeros(rows, dtype=np.int64),
        arm_index=rng.integers(0, 3, rows),
        views=np.ones(rows, dtype=np.int64),
        clicks=(rng.random(rows) < 0.06).astype(np.int64),
        arms=ARMS,
        shares=np.ones((1, 3)),
    )
    began, processor = time.perf_counter(), time.process_time()
    compared = compare(estimate(sums, Unit.VIEWER_VIDEO).mean_ctr)
    took, worked = time.perf_counter() - began, time.process_time() - processor
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    with capsys.disabled():
        print(
            f"\ntwo-way error of 10 million sums: {worked:.1f} s of processor, {took:.1f} s wall, "
            f"process peak {peak_gb:.2f} GB with its input"
        )
    assert not np.isnan(compared[0].p_value)
