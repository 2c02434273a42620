"""Assignment: a million units at once, and one after the other."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from experiments.serving.assignment import Plan, allocate, assign, assign_many
from experiments.unit import Unit

pytestmark = pytest.mark.benchmark
PLAN = Plan("salt", Unit.VIEWER_VIDEO, allocate({0: 1, 1: 1, 2: 1}), ramp=0.9, holdback=0.1,
            layer="feed", layer_to=0.9)  # fmt: skip
MANY, FEW = 1_000_000, 100_000


def test_one_million_units(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    viewers, videos = rng.integers(0, 2**63, MANY), rng.integers(0, 10_000, MANY)
    at_once_s = min(_seconds(lambda: assign_many(PLAN, viewers, videos)) for _ in range(5))
    pairs = list(zip(viewers[:FEW].tolist(), videos[:FEW].tolist(), strict=True))
    one_us = min(_seconds(lambda: [assign(PLAN, *pair) for pair in pairs]) for _ in range(5))
    one_us *= 1e6 / FEW
    with capsys.disabled():
        print(
            f"\nassignment with layer, holdback, ramp and arm:"
            f" {at_once_s:.3f} s for 1 million at once (limit 0.5),"
            f" {one_us:.2f} µs one by one (limit 5)"
        )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
