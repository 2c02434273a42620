"""Lengths: what can be seen in so many days agrees with simulated tests, and days with lifts."""

from dataclasses import replace
from datetime import timedelta
from math import isnan, nan

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.models import DayCount, Video
from experiments.paper import TABLE_3
from experiments.planning.length import EFFECT_SPREAD, Outlook, Traffic, traffic_of
from experiments.serving import allocation_phases
from experiments.stopping import StoppingRule
from tests.experiments.world import make_experiment

FEW = Outlook(3, Traffic(10_000, 0.05), (0.5, 0.5), 0.95, StoppingRule.FIXED_HORIZON, 4)
MANY = replace(FEW, videos=400, traffic=Traffic(400_000, 0.05))
DRAWN = np.random.default_rng(5)


def test_a_few_videos_see_the_lift_of_two_proportions() -> None:
    lift, views = FEW.lift_seen(14), 70_000
    clicks = DRAWN.binomial(views, [[0.05], [0.05 * (1 + lift)]], (2, 2000)) / views
    error = np.sqrt((clicks * (1 - clicks)).sum(axis=0) / views)
    found = np.abs(clicks[1] - clicks[0]) / error > stats.norm.isf(0.025)
    assert found.mean() == pytest.approx(0.8, abs=0.04)


def test_many_videos_see_the_lift_of_a_paired_test_with_spread_effects() -> None:
    lift, views = MANY.lift_seen(7), 3500
    effects = 0.05 * (1 + DRAWN.normal(lift, EFFECT_SPREAD, (1000, 400))).clip(0, 20)
    arms = DRAWN.binomial(views, effects) - DRAWN.binomial(views, 0.05, (1000, 400))
    found = stats.ttest_1samp(arms, 0, axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.05)


@given(st.integers(1, 60), st.floats(0.05, 0.95), st.integers(1, 200))
def test_the_days_of_a_lift_are_the_first_that_see_it(videos: int, share: float, days: int) -> None:
    outlook = replace(FEW, videos=videos, shares=(1 - share, share))
    found = outlook.days_for(outlook.lift_seen(days))
    assert found is not None
    assert outlook.lift_seen(found) == pytest.approx(outlook.lift_seen(days))


def test_more_arms_uneven_shares_and_looks_see_less() -> None:
    plain = FEW.lift_seen(14)
    assert replace(FEW, shares=(0.34, 0.33, 0.33)).lift_seen(14) > plain
    assert replace(FEW, shares=(0.9, 0.1)).lift_seen(14) > plain
    assert replace(FEW, rule=StoppingRule.GROUP_SEQUENTIAL).lift_seen(14) > plain
    assert replace(FEW, rule=StoppingRule.ALWAYS_VALID).lift_seen(14) > plain


@pytest.mark.parametrize(
    "changed",
    [{"videos": 0}, {"shares": (1.0,)}, {"shares": (0.0, 1.0)}, {"traffic": Traffic(nan, 0.05)},
     {"traffic": Traffic(0.0, 0.05)}],
)  # fmt: skip
def test_where_nothing_is_compared_nothing_is_seen(changed: dict[str, object]) -> None:
    outlook = replace(FEW, **changed)  # type: ignore[arg-type]
    assert isnan(outlook.lift_seen(14))
    assert outlook.days_for(0.1) is None


def test_no_lift_is_seen_that_takes_over_a_year() -> None:
    assert FEW.days_for(0.001) is None


@pytest.mark.django_db
def test_traffic_is_that_of_the_last_four_weeks_in_any_experiment() -> None:
    experiment = make_experiment(videos=2)
    first, second = Video.objects.order_by("pk")
    assert isnan(traffic_of(experiment.videos.all()).views_a_day)
    assert traffic_of(experiment.videos.all()).ctr == TABLE_3["raw"].mean_ctr
    cell, today = allocation_phases.cells(experiment)[1], timezone.now().date()
    for video, ago, views in ((first, 1, 900), (first, 2, 700), (second, 2, 400), (first, 60, 9)):
        DayCount.objects.create(
            day=today - timedelta(days=ago), cell=cell, video=video.pk, flags=0, views=views,
            clicks=views // 10,
        )  # fmt: skip
    assert traffic_of(experiment.videos.all()) == Traffic(1000.0, 0.1)
    assert traffic_of(Video.objects.filter(pk=second.pk)).views_a_day == 400
