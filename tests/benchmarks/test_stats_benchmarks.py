"""How long the statistics take at the pilot's full size; prints figures, asserts none of time.

Processor seconds are what one core needs; wall-clock seconds also tell what else the machine did.
"""

import resource
import time
from collections.abc import Callable

import numpy as np
import pytest

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.decision import decide
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.over_time import cumulative_effect
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import VideoCounts, ViewerVideoSums
from experiments.analysis.stats.robustness import robustness_checks
from experiments.analysis.stats.self_audit import permute_within_videos, split_control
from experiments.analysis.stats.srm import srm
from experiments.analysis.stats.srm_slices import srm_by_slice, srm_by_video
from experiments.analysis.stats.summary import summarise
from experiments.unit import Unit

pytestmark = pytest.mark.benchmark

PILOT_VIDEOS = 9814
ARMS = ("raw", "seq2seq", "gevaden")
UNIT = Unit.VIEWER_VIDEO


def pilot_days(days: int) -> list[VideoCounts]:
    """The pilot's shape: 9,814 videos, 3 arms, 3,600 views a video and arm in all."""
    rng = np.random.default_rng(0)
    base = rng.gamma(4, 0.053 / 4, PILOT_VIDEOS)[:, None]
    spread = rng.normal(0, [0.0, 0.25, 0.25], (PILOT_VIDEOS, 3))
    rates = np.clip(base * np.array([1.0, 1.2, 1.375]) * np.exp(spread), 0, 1)
    out = []
    for _ in range(days):
        views = rng.poisson(3600 / days, rates.shape)
        out.append(VideoCounts(np.arange(PILOT_VIDEOS), ARMS, views, rng.binomial(views, rates)))
    return out


def timed(what: str, call: Callable[[], object]) -> float:
    """Print the best of three runs and return its processor seconds."""
    took = []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        call()
        took.append((time.process_time() - processor, time.perf_counter() - wall))
    processor, wall = min(took)
    print(f"{what:<40} {1000 * processor:8.1f} ms of processor {1000 * wall:8.1f} ms wall")
    return processor


def test_full_report_of_the_pilot(capsys: pytest.CaptureFixture[str]) -> None:
    counts = pilot_days(1)[0]
    slices = pilot_days(28)
    estimated = estimate(counts, UNIT)
    lifts = [video_lifts(counts, UNIT, arm) for arm in (1, 2)]
    looks = [estimate(day, UNIT).mean_ctr for day in slices]
    labels = [str(video) for video in counts.video_ids]

    def health() -> None:
        srm(ARMS, counts.views.sum(axis=0), [1, 1, 1])
        srm_by_video(counts, [1, 1, 1])
        srm_by_slice(labels, counts.views, [1, 1, 1])
        permute_within_videos(counts, UNIT)
        split_control(counts, UNIT)

    parts: dict[str, Callable[[], object]] = {
        "estimate": lambda: estimate(counts, UNIT),
        "arm summary": lambda: summarise(estimated),
        "comparisons, simultaneous (2 and 3)": lambda: compare(estimated.mean_ctr),
        "checks beside them (2)": lambda: [
            robustness_checks(counts, UNIT, estimated.inclusion, arm) for arm in (1, 2)
        ],
        "confidence sequence over 28 days (4)": lambda: cumulative_effect(slices, UNIT),
        "health with both self-audits (6)": health,
        "per video, two arms (7)": lambda: [video_lifts(counts, UNIT, arm) for arm in (1, 2)],
        "decision map (7)": lambda: decide(counts, lifts),
    }
    with capsys.disabled():
        print("\n9,814 videos x 3 arms, from counts")
        total = sum(timed(what, call) for what, call in parts.items())
        print(f"{'the whole report':<40} {1000 * total:8.1f} ms of processor")
    assert len(looks) == 28


def test_two_way_error_of_ten_million_cells(capsys: pytest.CaptureFixture[str]) -> None:
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
    found = estimate(sums, UNIT)
    compared = compare(found.mean_ctr)
    took, worked = time.perf_counter() - began, time.process_time() - processor
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    with capsys.disabled():
        print(
            f"\ntwo-way error of 10 million sums: {worked:.1f} s of processor, {took:.1f} s wall, "
            f"process peak {peak_gb:.2f} GB with its input"
        )
    assert not np.isnan(compared[0].p_value)
