"""Earlier click rates are taken out where whole videos are assigned, and nowhere else."""

from datetime import timedelta

import numpy as np
import pytest

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.analysis.report.variance_reduction import VarianceReduction, said
from experiments.models import DayCount, Experiment
from experiments.unit import Unit

from .cast import FIRST_DAY, Counts, counted_study

pytestmark = pytest.mark.django_db
VIDEOS, LIFT = 80, 1.2


def drawn() -> tuple[Counts, list[int]]:
    """Return counts of videos in one of two arms, and clicks of 4,000 views each before."""
    rng = np.random.default_rng(6)
    base = rng.gamma(4, 0.015, VIDEOS)
    rates = base * np.where(np.arange(VIDEOS) % 2, LIFT, 1.0)
    clicks = rng.binomial(4000, rates)
    earlier = rng.binomial(4000, base).tolist()
    rows = [((0, 0), (4000, int(x))) if i % 2 else ((4000, int(x)), (0, 0))
            for i, x in enumerate(clicks)]  # fmt: skip
    return tuple(rows), earlier


def seen_before(experiment: Experiment, clicks: list[int], days: int = 5) -> None:
    """Give the videos counts of another experiment, some days before the start."""
    videos = experiment.videos.order_by("pk").values_list("pk", flat=True)
    DayCount.objects.bulk_create(
        DayCount(day=FIRST_DAY - timedelta(days=days), cell=999, video=video, flags=0,
                 views=4000, clicks=clicked)
        for video, clicked in zip(videos, clicks, strict=True)
    )  # fmt: skip


def test_the_error_falls_and_every_door_says_so() -> None:
    counts, earlier = drawn()
    experiment = counted_study(counts, unit=Unit.VIDEO)
    seen_before(experiment, earlier)
    report = build(experiment)
    found, own = report.variance_reduction, report.compared[0].comparison
    assert found is not None
    assert own is not None
    (arm,) = found.arms
    assert arm.removed > 0.8
    assert arm.improvement.low < LIFT - 1 < arm.improvement.high
    widths = [e.high - e.low for e in (arm.improvement, own.simultaneous_improvement)]
    assert widths[0] < 0.5 * widths[1]
    (sentence,) = said(found)
    assert "With the earlier click rates of 80 videos taken out" in sentence
    assert sentence in " ".join(as_text(report).split())
    shown = as_document(report)["variance_reduction"]["arms"][0]
    assert shown["improvement"]["value"] == arm.improvement.value


def test_where_nothing_can_be_taken_out_there_is_none() -> None:
    counts, earlier = drawn()
    experiment = counted_study(counts, unit=Unit.VIDEO)
    seen_before(experiment, earlier, days=400)
    assert build(experiment).variance_reduction is None
    assert said(None) == []


def test_too_few_videos_say_why() -> None:
    counts, earlier = drawn()
    experiment = counted_study(counts[:10], unit=Unit.VIDEO)
    seen_before(experiment, earlier[:10])
    found = build(experiment).variance_reduction
    assert found is not None
    assert found.arms == ()
    assert "must be 10" in found.reason
    assert "cannot be taken out" in said(VarianceReduction(10, (), "few"))[0]


def test_where_videos_carry_every_arm_nothing_is_left_to_take_out() -> None:
    experiment = counted_study()
    seen_before(experiment, [200] * 4)
    assert build(experiment).variance_reduction is None
