"""One part of a full-size scan: 4 million views of 28 days, over 9,814 videos and three arms."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import TemporaryFile

import numpy as np
import pytest

from experiments.analysis.carry_over import CarryOverTally
from experiments.analysis.cuts.compute import CutTally
from experiments.analysis.layout import Layout
from experiments.analysis.stats.standardise import joined
from experiments.analysis.two_way import VIEWS_A_PART
from experiments.analysis.viewer_course import CourseTally
from experiments.analysis.viewer_parts import ViewerParts
from experiments.events.keys import DAY_MS, HOUR_MS, SEQUENCES, event_key, impression_id, key_ms
from experiments.events.scan import ROW, Rows
from experiments.measures import Step
from experiments.models import Arm
from experiments.paper import PILOT_VIDEOS
from experiments.unit import Unit
from tests.benchmarks.test_stats_benchmarks import ARMS

pytestmark = pytest.mark.benchmark
# A full-size experiment of 106 million views has 212 parts (COVERLIFT_PARTS=212).
PARTS = int(os.environ.get("COVERLIFT_PARTS", "4"))
DAYS, VIEWERS, RATE = 28, 150_000, 0.06
FIRST_MS = 6000 * DAY_MS
LAYOUT = Layout(
    experiment_id=1,
    arms=tuple(Arm(index=index, name=name) for index, name in enumerate(ARMS)),
    phases=(),
    shares=np.ones((1, len(ARMS))),
    cells={1 + column: (0, column) for column in range(len(ARMS))},
    watermark=0,
)


def views_and_clicks(views: int, seed: int = 5) -> Rows:
    """Return views with their clicks, keys ascending; a viewer has one arm."""
    rng = np.random.default_rng(seed)
    ms = FIRST_MS + np.sort(rng.integers(0, DAYS * DAY_MS, views))
    rows = np.empty(views, dtype=ROW)
    rows["key"] = event_key(impression_id(ms, 7, np.arange(views) % SEQUENCES), Step.VIEWABLE)
    viewer = rng.integers(0, VIEWERS, views)
    rows["viewer"] = viewer * (2**63 // VIEWERS)
    rows["video"] = rng.integers(1, PILOT_VIDEOS + 1, views)
    rows["cell"] = 1 + viewer % len(ARMS)
    rows["context"] = rng.integers(0, 40, views) | (rng.integers(0, 4, views) << 8)
    clicks = rows[rng.random(views) < RATE].copy()
    clicks["key"] += int(Step.CLICK) - int(Step.VIEWABLE)
    both = np.concatenate([rows, clicks])
    return both[np.argsort(both["key"], kind="stable")]


def hours(rows: Rows) -> Iterator[Rows]:
    hour = key_ms(rows["key"]) // HOUR_MS
    yield from np.split(rows, np.flatnonzero(np.diff(hour)) + 1)


@contextmanager
def told(what: str, say: Callable[[str], None]) -> Iterator[None]:
    here = time.process_time()
    yield
    say(f"{what}: {time.process_time() - here:.2f} s of processor")


def test_a_part_of_the_scan(capsys: pytest.CaptureFixture[str]) -> None:
    said = [""]
    rows = views_and_clicks(VIEWS_A_PART)
    with TemporaryFile() as file:
        parts = ViewerParts(LAYOUT, [file])
        with told("dealt out, and counted by day", said.append):
            for hour in hours(rows):
                parts.add(hour)
        with told("read and sorted by viewer", said.append):
            events = parts.read(0)
        counts, place = joined(parts.counts())
        with told("summed by viewer and video", said.append):
            events.sums(LAYOUT, counts, place)
        cuts = CutTally(LAYOUT, counts, place, Unit.VIEWER)
        with told("five cuts, three pairs of them, and new units by day", said.append):
            cuts.add(events)
        course = CourseTally(LAYOUT, parts.daily_counts(), Unit.VIEWER, 1)
        with told(f"the course by viewer, {DAYS} looks", said.append):
            course.add(events)
    with capsys.disabled():
        print("\n".join(said))
    assert len(course.kept()) == DAYS


MOVED = replace(
    LAYOUT,
    shares=np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]),
    cells=LAYOUT.cells | {4 + column: (1, column) for column in range(len(ARMS))},
)


def moved(rows: Rows) -> Rows:
    """Return them with new shares from the middle on: a third of the viewers have another arm."""
    late = key_ms(rows["key"]) >= FIRST_MS + DAYS * DAY_MS // 2
    other = rows["viewer"] // (2**63 // VIEWERS) // len(ARMS) % 3 == 0
    rows["cell"] += np.where(late, 3, 0).astype(np.int16)
    rows["cell"] = np.where(late & other, 6, rows["cell"])
    return rows


def test_all_parts_of_the_scan(capsys: pytest.CaptureFixture[str]) -> None:
    """One part is made, and worked on as often as there are parts: each costs the same."""
    took_s = dict.fromkeys(("read", "summed", "cuts", "course", "carry-over"), 0.0)

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        here = time.process_time()
        yield
        took_s[what] += time.process_time() - here

    with TemporaryFile() as file:
        parts = ViewerParts(MOVED, [file])
        for hour in hours(moved(views_and_clicks(VIEWS_A_PART))):
            parts.add(hour)
        counts, place = joined(parts.counts())
        cuts = CutTally(MOVED, counts, place, Unit.VIEWER)
        course = CourseTally(MOVED, parts.daily_counts(), Unit.VIEWER, 1)
        carried = CarryOverTally(MOVED, Unit.VIEWER)
        for _ in range(PARTS):
            with timed("read"):
                events = parts.read(0)
            with timed("summed"):
                events.sums(MOVED, counts, place)
            with timed("cuts"):
                cuts.add(events)
            with timed("course"):
                course.add(events)
            with timed("carry-over"):
                carried.add(events)
    with timed("cuts"):
        cuts.kept()
    with timed("carry-over"):
        assert carried.kept()
    said = ", ".join(f"{what} {each:.1f} s" for what, each in took_s.items())
    with capsys.disabled():
        print(f"\n{PARTS} parts of {VIEWS_A_PART:,} views, of processor: {said}")
