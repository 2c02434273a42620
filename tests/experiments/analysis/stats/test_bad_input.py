"""Data with nothing to say: every answer is a number, or nan with a reason; no warning leaks."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.decision import decide
from experiments.analysis.stats.engine import as_strata, compared, estimate
from experiments.analysis.stats.horizon import AlwaysValid
from experiments.analysis.stats.over_time import cumulative_effects, cumulative_means
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import Estimate
from experiments.analysis.stats.robustness import robustness_checks
from experiments.analysis.stats.self_audit import permute_within_videos, split_control
from experiments.analysis.stats.srm_slices import srm_by_video
from experiments.analysis.stats.summary import summarise
from experiments.unit import Unit

from .cast import counts_of

UNIT = Unit.IMPRESSION
DATA = {
    "no videos": counts_of(np.zeros((0, 2), int), np.zeros((0, 2), int)),
    "one video": counts_of([[100, 100]], [[5, 9]]),
    "all views clicked": counts_of(np.full((30, 2), 50), np.full((30, 2), 50)),
    "no clicks": counts_of(np.full((30, 2), 50), np.zeros((30, 2), int)),
    "no views": counts_of(np.zeros((5, 2), int), np.zeros((5, 2), int)),
    "no views in one arm": counts_of(np.tile([50, 0], (30, 1)), np.tile([9, 0], (30, 1))),
    "no clicks in one arm": counts_of(np.full((30, 2), 500), np.tile([17, 0], (30, 1))),
}
QUESTIONS: dict[str, Callable[[VideoCounts], Any]] = {
    "compare": lambda c: compare(estimate(c, UNIT).mean_ctr),
    "compare assigned videos": lambda c: compare(estimate(c, Unit.VIDEO).mean_ctr),
    "summarise": lambda c: summarise(estimate(c, UNIT)),
    "checks": lambda c: robustness_checks(c.arms, compared(as_strata(c), UNIT, 1)[1], UNIT),
    "lifts": lambda c: video_lifts(c, UNIT, 1),
    "decide": lambda c: decide(c, [video_lifts(c, UNIT, 1)]),
    "cumulative": lambda c: cumulative_effects(
        cumulative_means([c, c], UNIT), [AlwaysValid(0.5), AlwaysValid(1.0)]
    ),
    "split control": lambda c: split_control(c, UNIT, repetitions=3),
    "permutation": lambda c: permute_within_videos(c, UNIT, repetitions=3),
    "split of the views": lambda c: srm_by_video(c, [1, 1]),
}


def estimates(answer: object) -> Iterator[Estimate]:
    if isinstance(answer, Estimate):
        yield answer
    elif isinstance(answer, tuple):
        for part in answer:
            yield from estimates(part)
    elif is_dataclass(answer):
        for field in fields(answer):
            yield from estimates(getattr(answer, field.name))


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("data", DATA)
def test_every_nan_has_its_reason(question: str, data: str) -> None:
    answer = QUESTIONS[question](DATA[data])
    for shown in estimates(answer):
        if np.isnan([shown.value, shown.low, shown.high]).any():
            assert shown.reason
    p_value = getattr(answer, "p_value", 0.0)
    if np.isnan(p_value):
        assert getattr(answer, "reason", "") or answer.change.reason
