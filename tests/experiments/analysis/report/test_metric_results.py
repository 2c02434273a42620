"""Metrics beside the primary: their figures against scipy's, and what they veto."""

from dataclasses import replace

import numpy as np
import pytest
from django.db.models import F
from django.db.models.functions import Round
from scipy import stats
from statsmodels.stats.multitest import multipletests

from experiments.analysis.report import metric_results
from experiments.analysis.report.build import build
from experiments.analysis.report.metric_means import (
    NO_PICTURES,
    NO_VIDEO,
    NOT_WATCHED,
    NOTHING,
)
from experiments.analysis.report.record import MetricResult, Report
from experiments.analysis.report.sentences import about_metric, veto
from experiments.analysis.stats.metrics import Standing
from experiments.events.rollup import roll_up
from experiments.measures import LONG_WATCH_S
from experiments.metrics import METRICS, PRIMARY, Metric, Role
from experiments.models import DayCount, Experiment, Thumbnail, TwoWayError
from experiments.unit import ASSIGNED_UNITS, Unit
from tests.experiments.analysis.report.cast import (
    AT_THE_END,
    FIRST_DAY,
    FOUR_VIDEOS,
    LOPSIDED,
    WATCHED_VIDEOS,
    add_day,
    counted_study,
    watched,
)
from tests.experiments.beacons import visit
from tests.experiments.world import SELECTORS, make_experiment

pytestmark = pytest.mark.django_db
TABLE = np.array(WATCHED_VIDEOS, dtype=float)  # (V, K, 3)
RATES = TABLE[..., 2] / TABLE[..., 0]
GEVADEN = 2


def test_figures_are_those_of_the_paired_test_with_the_margin() -> None:
    found = watched(build(counted_study(WATCHED_VIDEOS)))
    assert found.margin == 0.05
    assert [arm.events for arm in found.arms] == TABLE[..., 2].sum(axis=0).tolist()
    assert [arm.mean.value for arm in found.arms] == pytest.approx(RATES.mean(axis=0))
    control, *others = found.arms
    assert (control.change, control.holds) == (None, None)
    for index, arm in enumerate(others, 1):
        assert arm.change is not None
        assert arm.change.value == pytest.approx(RATES[:, index].mean() / RATES[:, 0].mean() - 1)
        worst = (1 - found.margin) * RATES[:, 0]
        oracle = stats.ttest_rel(RATES[:, index], worst, alternative="greater")
        assert arm.p_value == arm.p_value_adjusted == pytest.approx(oracle.pvalue / AT_THE_END)
        assert arm.holds == (arm.p_value < 0.025)


def with_fewer_watched(share: float) -> Report:
    """Return a report in which GEVADEN has more clicks and that share of its watched ones."""
    counts = tuple(
        tuple(
            (10 * views, 10 * clicks, round(10 * long * (share if arm == GEVADEN else 1)))
            for arm, (views, clicks, long) in enumerate(row)
        )
        for row in WATCHED_VIDEOS
    )
    return build(counted_study(counts))


def test_an_arm_that_wins_and_loses_watching_is_vetoed() -> None:
    report = with_fewer_watched(0.4)
    arm = report.arms[GEVADEN]
    assert arm.standing is Standing.GUARDED
    assert not watched(report).arms[GEVADEN].holds
    assert veto(report, arm).startswith("gevaden lifts mCTR, but is not shown to keep watched")
    assert veto(report, report.control) == ""


def test_an_arm_that_wins_and_keeps_watching_is_not() -> None:
    report = with_fewer_watched(1.0)
    assert report.arms[GEVADEN].standing is Standing.BETTER
    assert watched(report).arms[GEVADEN].holds
    assert veto(report, report.arms[GEVADEN]) == ""


def test_what_viewers_add_to_the_error_widens_a_guardrail_too() -> None:
    experiment = counted_study(WATCHED_VIDEOS)
    narrow = watched(build(experiment)).arms[GEVADEN].change
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[], inflation=4.0,
        df=3.0, units=10, crossed=0,
    )  # fmt: skip
    wide = watched(build(experiment)).arms[GEVADEN].change
    assert narrow is not None
    assert wide is not None
    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_where_nothing_was_watched_the_guardrail_says_so_and_vetoes_nothing() -> None:
    counts = tuple(tuple((10 * v, 10 * c) for v, c in row) for row in FOUR_VIDEOS)
    report = build(counted_study(counts))
    assert (watched(report).reason, watched(report).arms) == (NOTHING, ())
    assert report.arms[GEVADEN].standing is Standing.BETTER


def test_a_day_that_was_not_counted_is_not_a_day_of_nothing() -> None:
    experiment = counted_study(WATCHED_VIDEOS, ended=False)
    add_day(experiment, WATCHED_VIDEOS, day=1)
    before = build(experiment)
    DayCount.objects.filter(day=FIRST_DAY).update(watched_clicks=None)
    after = build(experiment)
    assert "`manage.py recount` counts them" in watched(after).reason
    compared = [repr([arm.comparison for arm in report.arms]) for report in (before, after)]
    assert compared[0] == compared[1]  # as text, for nan is not itself


def test_a_secondary_metric_is_compared_as_the_primary_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same = replace(PRIMARY, name="same", role=Role.SECONDARY)
    monkeypatch.setattr(metric_results, "METRICS", (*METRICS, same))
    report = build(counted_study(WATCHED_VIDEOS))
    found = report.metrics[-1]
    for row, arm in zip(report.arms, found.arms, strict=True):
        assert (arm.arm, arm.events, arm.mean) == (row.name, row.clicks, row.mean_ctr)
        if row.comparison is not None:
            assert arm.change == row.comparison.improvement
            assert arm.p_value == row.comparison.p_value
            assert arm.holds is None


def metric(report: Report, name: str) -> MetricResult:
    return next(found for found in report.metrics if found.name == name)


def with_times() -> tuple[Experiment, np.ndarray]:
    """Return a study of twelve videos and how many seconds each view of it was watched, (V, K)."""
    rng = np.random.default_rng(4)
    experiment = counted_study(tuple((*row[:2], (row[2][0], 80)) for row in LOPSIDED))
    views = np.array(LOPSIDED)[..., 0]
    seconds = rng.lognormal(0, 0.6, (len(LOPSIDED), 1)) * np.array([1, 1.3, 1.0])
    seconds = seconds * rng.lognormal(0, 0.2, seconds.shape)
    places = DayCount.objects.order_by("video", "cell").values_list("video", "cell")
    for row, (video, cell) in zip(seconds.ravel().tolist(), places, strict=True):
        DayCount.objects.filter(video=video, cell=cell).update(
            watched=40,
            watched_ms=Round(1000 * row * F("views")),
            loaded=F("views") % 7 + F("views"),
        )
    weigh(experiment, SIZES)
    return experiment, np.round(1000 * seconds * views) / views / 1000


def test_watched_seconds_are_compared_by_the_paired_test_and_adjusted_with_their_family() -> None:
    experiment, seconds = with_times()
    report = build(experiment)
    found = metric(report, "watched_s")
    assert (found.role, found.reason) == (Role.SECONDARY, "")
    assert [arm.events for arm in found.arms] == [40 * len(seconds)] * 3
    assert [arm.mean.value for arm in found.arms] == pytest.approx(seconds.mean(axis=0))
    family = [line for line in report.metrics if line.role is Role.SECONDARY and line.arms]
    assert {line.name for line in family} == {"watched_s", "picture_bytes", "not_loaded"}
    for index, arm in enumerate(found.arms[1:], 1):
        assert arm.change is not None
        assert arm.change.value == pytest.approx(
            seconds[:, index].mean() / seconds[:, 0].mean() - 1
        )
        oracle = stats.ttest_rel(seconds[:, index], seconds[:, 0]).pvalue
        assert arm.p_value == pytest.approx(oracle / AT_THE_END)
        p_values = [line.arms[index].p_value for line in family]
        known = [p for p in p_values if not np.isnan(p)]
        adjusted = multipletests(known, method="holm")[1]
        assert arm.p_value_adjusted == pytest.approx(adjusted[known.index(arm.p_value)])
        assert len(known) == len(family)
    assert found.arms[1].p_value < 0.05 < found.arms[1].p_value_adjusted


def test_a_page_that_never_told_of_watching_has_no_seconds_and_says_so() -> None:
    found = metric(build(counted_study(WATCHED_VIDEOS)), "watched_s")
    assert (found.reason, found.arms) == (NOT_WATCHED, ())


def test_few_watches_have_no_error_however_long_they_took() -> None:
    experiment, _ = with_times()
    DayCount.objects.update(watched=1)
    changes = [arm.change for arm in metric(build(experiment), "watched_s").arms[1:]]
    assert all("too few for an honest error" in change.reason for change in changes if change)


def weighed(sizes: np.ndarray, slug: str = "pilot", **fields: object) -> Report:
    """Return a report whose pictures weigh so much, (V, K)."""
    counts = tuple((*row[:2], (row[2][0], 110)) for row in LOPSIDED)
    experiment = counted_study(counts, slug=slug, ended=True, **fields)
    weigh(experiment, sizes)
    return build(experiment)


def weigh(experiment: Experiment, sizes: np.ndarray) -> None:
    """Give the pictures of each video these sizes, (V, K)."""
    for number, video in enumerate(experiment.videos.order_by("pk")):
        for selector, size in zip(SELECTORS, sizes[number].tolist(), strict=True):
            video.thumbnails.filter(selector=selector).update(size_bytes=size)


SIZES = np.random.default_rng(6).integers([40_000, 50_000, 300_000], [60_000, 80_000, 900_000],
                                          (len(LOPSIDED), 3))  # fmt: skip


def test_bytes_are_a_guardrail_with_the_margin_of_the_plan() -> None:
    found = metric(weighed(SIZES, guardrails={"picture_bytes": 0.5}), "picture_bytes")
    assert (found.role, found.margin) == (Role.GUARDRAIL, 0.5)
    assert [arm.mean.value for arm in found.arms] == pytest.approx(SIZES.mean(axis=0))
    for index, arm in enumerate(found.arms[1:], 1):
        oracle = stats.ttest_rel(SIZES[:, index], 1.5 * SIZES[:, 0], alternative="less")
        assert arm.p_value == pytest.approx(min(oracle.pvalue / AT_THE_END, 1))
        assert arm.holds == (arm.p_value < 0.025)
    assert [arm.holds for arm in found.arms] == [None, True, False]


def test_an_arm_that_wins_and_weighs_too_much_is_vetoed_where_the_plan_says_so() -> None:
    free = weighed(SIZES)
    assert free.arms[GEVADEN].standing is Standing.BETTER
    assert metric(free, "picture_bytes").role is Role.SECONDARY
    bound = weighed(SIZES, slug="bound", guardrails={"picture_bytes": 0.5})
    assert bound.arms[GEVADEN].standing is Standing.GUARDED
    assert "keep bytes per view (at most 50 % worse)" in veto(bound, bound.arms[GEVADEN])


def test_pictures_of_one_size_keep_the_guardrail_without_a_test() -> None:
    sizes = np.full((len(LOPSIDED), 3), 5000)
    found = metric(weighed(sizes, guardrails={"picture_bytes": 0.5}), "picture_bytes")
    assert [arm.holds for arm in found.arms] == [None, True, True]
    sizes[:, 2] = 9000
    heavy = weighed(sizes, slug="heavy", guardrails={"picture_bytes": 0.5})
    assert [arm.holds for arm in metric(heavy, "picture_bytes").arms] == [None, True, False]


def test_an_arm_without_pictures_says_so() -> None:
    experiment = counted_study()
    Thumbnail.objects.all().delete()
    assert metric(build(experiment), "picture_bytes").reason == NO_PICTURES


def test_pictures_of_videos_that_do_not_count_are_not_called_unknown() -> None:
    experiment = counted_study(min_views=10_000)
    assert metric(build(experiment), "picture_bytes").reason == NO_VIDEO


def test_what_did_not_load_is_what_was_served_without_a_load() -> None:
    experiment = counted_study(LOPSIDED)
    noise = F("clicks") % 7
    DayCount.objects.update(loaded=F("loaded") + noise)
    found = metric(build(experiment), "not_loaded")
    views, clicks = np.moveaxis(np.array(LOPSIDED), 2, 0)
    missing = 1 - (views + clicks % 7) / (2 * views)
    assert [arm.mean.value for arm in found.arms] == pytest.approx(missing.mean(axis=0))
    assert not found.higher_is_better
    assert "whose page was left before it came near" in about_metric(found)


def test_a_part_that_is_more_than_its_whole_breaks_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = Metric("odd", "views per click", "views", "clicks", Role.SECONDARY)
    monkeypatch.setattr(metric_results, "METRICS", (*METRICS, odd))
    report = build(counted_study(WATCHED_VIDEOS))
    assert "have more views than clicks" in report.metrics[-1].reason
    assert report.best is not None


@pytest.mark.parametrize("unit", ASSIGNED_UNITS)
def test_a_watch_counts_with_its_click_and_breaks_nothing_without(unit: Unit) -> None:
    experiment = make_experiment(videos=6, unit=unit)
    for number in range(20):
        visit(f"long {number}", "viewable", "click", "watched", seconds=LONG_WATCH_S)
    visit("short", "viewable", "click", "watched", seconds=LONG_WATCH_S - 0.1)
    visit("no click", "viewable", "watched", seconds=60)
    visit("no view", "watched", seconds=60)
    roll_up()
    report = build(experiment)
    # By chance a video may have too few views in an arm to be compared.
    assert report.included >= 3
    assert sum(arm.views for arm in report.arms) == 22 * report.included
    assert sum(arm.events for arm in watched(report).arms) == 20 * report.included
    assert sum(arm.steps["watched"] or 0 for arm in report.arms) == 23 * 6
