"""The report as text."""

import math

import numpy as np
import pytest

from experiments.analysis.report import formatting
from experiments.analysis.report.build import build
from experiments.analysis.report.text import as_text
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import (
    FOUR_VIDEOS,
    WATCHED_VIDEOS,
    counted_study,
    watched,
)
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def table(text: str) -> list[str]:
    """Return the lines of the table."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if "mPV" in line)
    return lines[start : lines.index("", start)]


def test_every_arm_has_its_line_with_the_records_figures() -> None:
    report = build(counted_study())
    lines = table(as_text(report))
    for arm, line in zip(report.arms, lines[1:4], strict=True):
        assert line.startswith(arm.name)
        for figure in (
            formatting.mean(arm.mean_views.value),
            formatting.mean(arm.mean_clicks.value),
            formatting.percent(arm.mean_ctr.value),
            formatting.interval(arm.mean_ctr),
            formatting.percent(arm.pooled_ctr.value),
        ):
            assert figure in line
    assert report.best is not None
    assert report.best.comparison is not None
    found = report.best.comparison
    assert formatting.signed_percent(found.improvement.value) in lines[3]
    assert formatting.interval(found.simultaneous_improvement, 1, signed=True) in lines[3]


def test_every_metric_has_its_lines() -> None:
    metric = watched(report := build(counted_study(WATCHED_VIDEOS)))
    text = as_text(report)
    lines = text[text.index("Watched clicks per view (guardrail)") :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.lstrip().startswith("events"))
    for arm, line in zip(metric.arms, lines[start + 1 : start + 4], strict=True):
        assert line.split()[:3] == [arm.arm, str(arm.events), f"{100 * arm.mean.value:.2f}"]
        if arm.change is not None:
            assert formatting.interval(arm.change, 1, signed=True) in line
    few = tuple(tuple((v, c, 1) for v, c, _ in row) for row in WATCHED_VIDEOS)
    text = as_text(build(counted_study(few, slug="few")))
    assert "not defined: change of watched clicks per view of gevaden: 4 events expected" in text
    nothing = as_text(build(counted_study(slug="nothing")))
    assert "Watched clicks per view (guardrail). Not compared: nothing was counted" in nothing


def test_columns_end_below_one_another() -> None:
    head, *rows = table(as_text(build(counted_study())))
    end = head.index("pooled CTR") + len("pooled CTR")
    for row in rows[:3]:
        assert row[:end].endswith(" %")


def test_the_papers_lines_are_marked_as_its_own() -> None:
    text = as_text(build(counted_study()))
    assert "as printed in the paper:" in text
    assert "+37.5 %" in text[text.index("as printed") :]
    two_arms = tuple(row[:2] for row in FOUR_VIDEOS)
    assert "as printed" not in as_text(build(counted_study(two_arms, slug="two")))


def test_simulated_traffic_is_said_on_the_second_line_and_real_traffic_not_at_all() -> None:
    text = as_text(build(counted_study(simulated="drawn by a model")))
    assert text.splitlines()[1] == "SIMULATED: drawn by a model"
    assert "SIMULATED" not in as_text(build(counted_study(slug="real")))


def test_undefined_figures_are_named_with_their_reason() -> None:
    text = as_text(build(make_experiment()))
    assert "not defined: mPV, mClick, mCTR" in text
    assert "of raw: no video counts" in text
    assert "nan" not in text


def test_left_out_videos_and_their_reason_are_counted() -> None:
    thin = (*FOUR_VIDEOS, ((3, 0), (900, 50), (900, 60)))
    text = as_text(build(counted_study(thin, min_views=100)))
    assert "Videos: 4 included, 1 left out" in text
    assert "  1: fewer than 100 views in arm 'raw'" in text


def test_an_arm_whose_clicks_are_missing_is_an_alarm_above_the_headline() -> None:
    dead = tuple(((1000 + i, 50), (1010, 0)) for i in range(12))
    report = build(counted_study(dead))
    assert [arm.arm for arm in report.dead_arms] == ["re_seq2seq"]
    text = " ".join(as_text(report).split())
    said = "re_seq2seq has no click in 12,120 views, where 603 were to be expected (p < 0.0001)"
    assert text.index(said) < text.index("re_seq2seq lowers mCTR by 100.0 %")
    assert "Dead beacon?" not in as_text(build(counted_study(slug="alive")))


def test_hardly_seen_videos_are_left_out_with_the_reason() -> None:
    report = build(counted_study((*FOUR_VIDEOS, ((2, 0), (2, 1), (2, 1)))))
    views, clicks = np.array((*FOUR_VIDEOS, ((2, 0), (2, 1), (2, 1)))).sum(axis=(0, 1))
    assert report.least_views == 19 == math.ceil(views / clicks)
    text = " ".join(as_text(report).split())
    assert "1: fewer than 19 views in arms 'raw', 're_seq2seq', 'gevaden'" in text
    assert "at least 19 views of it, enough to expect one click" in text
    chosen = as_text(build(counted_study(slug="chosen", min_views=100)))
    assert "every arm has at least 100 views of it." in chosen


def test_the_comparison_by_views_stands_beside() -> None:
    report = build(counted_study())
    arm = report.arms[2]
    assert arm.by_views is not None
    pooled = [row.pooled_ctr.value for row in report.arms]
    assert arm.by_views.improvement.value == pytest.approx(pooled[2] / pooled[0] - 1)
    shown = formatting.interval(arm.by_views.simultaneous_improvement, 1, signed=True)
    lift = formatting.signed_percent(pooled[2] / pooled[0] - 1)
    said = f"With every view counting alike, not every video: gevaden {lift} ({shown}), p "
    assert said in " ".join(as_text(report).split())
    nothing = " ".join(as_text(build(make_experiment("nothing"))).split())
    assert "every view" not in nothing


def test_other_tests_are_said_where_the_design_allows_of_them() -> None:
    report = build(counted_study())
    text = " ".join(as_text(report).split())
    assert [line.arm for line in report.robustness] == ["re_seq2seq", "gevaden"]
    p = formatting.p_value(report.robustness[1].cmh_p_value)
    assert f"Other tests of gevaden, which decide nothing: Mantel-Haenszel p {p}, " in text
    assert build(make_experiment("sticky", unit=Unit.VIEWER)).robustness == ()
