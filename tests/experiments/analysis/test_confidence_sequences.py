"""Confidence sequences of a running experiment, from its counts by day."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from experiments.analysis import kept_counts
from experiments.analysis.confidence_sequences import (
    ConfidenceSequences,
    confidence_sequences,
    course,
)
from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.horizon import AlwaysValid
from experiments.analysis.stats.over_time import cumulative_effects, cumulative_means
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.viewer_course import Look
from experiments.models import DayCount, Experiment
from experiments.serving import allocation_phases
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import FIRST_DAY, FOUR_VIDEOS, add_day, counted_study
from tests.experiments.analysis.stats.cast import draw_sums
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def sequences_of(experiment: Experiment) -> ConfidenceSequences:
    return course(experiment, build(experiment))


def three_days(**fields: Any) -> Experiment:
    experiment = counted_study(ended=False, **fields)
    for day in (1, 3):
        add_day(experiment, FOUR_VIDEOS, day=day)
    return experiment


def days_of(
    experiment: Experiment, *, include_bots: bool = False
) -> list[tuple[date, VideoCounts]]:
    by_day = kept_counts.daily_video_counts(Layout.of(experiment), include_bots=include_bots)
    return [(day, counts.total()) for day, counts in by_day]


def test_days_add_up_to_all_counts() -> None:
    experiment = three_days()
    by_day = days_of(experiment)
    assert [(day - FIRST_DAY).days for day, _ in by_day] == [0, 1, 3]
    total = kept_counts.video_counts(Layout.of(experiment)).total()
    assert np.array_equal(sum(counts.views for _, counts in by_day), total.views)
    assert np.array_equal(sum(counts.clicks for _, counts in by_day), total.clicks)
    assert by_day[0][1].arms == total.arms


def test_a_video_that_came_later_has_no_views_before() -> None:
    experiment = three_days()
    last = experiment.videos.order_by("pk").last()
    assert last is not None
    DayCount.objects.filter(video=last.pk, day=FIRST_DAY).delete()
    (_, first), *_ = days_of(experiment)
    assert first.views[-1].tolist() == [0, 0, 0]
    assert first.views[0].tolist() == [1000, 1010, 990]


def test_suspect_events_do_not_count() -> None:
    experiment = three_days()
    DayCount.objects.filter(day=FIRST_DAY, cell=allocation_phases.cells(experiment)[1]).update(
        flags=1
    )
    (_, first), *_ = days_of(experiment)
    assert first.views[:, 1].tolist() == [0, 0, 0, 0]
    (_, gross), *_ = days_of(experiment, include_bots=True)
    assert gross.views[0, 1] == 1010


def test_bands_are_those_of_the_statistics() -> None:
    experiment = three_days()
    found = sequences_of(experiment)
    slices = [counts for _, counts in days_of(experiment)]
    horizons = [AlwaysValid(days / 28) for days in (1, 2, 4)]
    expected = cumulative_effects(cumulative_means(slices, Unit.VIEWER_VIDEO), horizons)
    assert repr(found.looks) == repr(expected)  # nan is not itself
    assert [len(look) for look in found.looks] == [2, 2, 2]
    assert len(found.days) == 3


def test_what_has_no_band_says_why() -> None:
    assert sequences_of(make_experiment()).reason == "nothing is counted yet"
    by_viewer = sequences_of(three_days(slug="viewers", unit=Unit.VIEWER))
    assert by_viewer.looks == ()
    assert "computed aside" in by_viewer.reason


def test_bands_by_viewer_are_those_of_the_means_of_each_day() -> None:
    experiment = three_days(slug="viewers", unit=Unit.VIEWER)
    means = estimate(draw_sums(4, rows=900), Unit.VIEWER).mean_ctr
    looks = [Look(FIRST_DAY + timedelta(days=days), means) for days in (0, 3)]
    found = confidence_sequences(experiment, looks)
    assert found.days == (FIRST_DAY, FIRST_DAY + timedelta(days=3))
    expected = [compare(means, horizon=AlwaysValid(days / 28)) for days in (1, 4)]
    assert repr(list(found.looks)) == repr(expected)
