"""Shares that change, and few videos: the report says what is so, on every door."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from scipy import stats

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.analysis.stats.results import Method, Scope
from experiments.events.clock import now_ms
from experiments.events.keys import DAY_MS, impression_id
from experiments.models import Experiment
from experiments.serving import lifecycle
from experiments.unit import Unit
from tests.experiments.world import make_experiment

from .cast import AT_THE_END, Counts, add_day, end

pytestmark = pytest.mark.django_db
VIDEOS = range(1, 13)
HEADER = (
    "impression", "step", "viewer", "video", "experiment", "phase", "arm", "position", "device",
    "flags", "seconds",
)  # fmt: skip


def at_rates(views: tuple[int, ...], rates: tuple[float, ...]) -> Counts:
    """Return views by arm, the same for each video, and clicks at rates of each video's own."""
    return tuple(
        tuple((n, round(n * rate * video / 10)) for n, rate in zip(views, rates, strict=True))
        for video in VIDEOS
    )


def widened(rates: tuple[tuple[float, float], tuple[float, float]]) -> Experiment:
    """Return a study with weights 95:5 and then 50:50, at rates by phase and arm."""
    experiment = make_experiment(videos=len(VIDEOS), weights=(0.95, 0.05))
    add_day(experiment, at_rates((19_000, 1_000), rates[0]))
    lifecycle.change(experiment, weights={"raw": 1.0, "re_seq2seq": 1.0})
    add_day(experiment, at_rates((10_000, 10_000), rates[1]), day=1)
    return experiment


def test_an_arm_that_is_shown_more_when_all_click_more_has_no_lift() -> None:
    """Counts added up would say +42 %, p < 0.0001."""
    report = build(widened(((0.02, 0.02), (0.04, 0.04))))
    (arm,) = report.compared
    assert arm.comparison is not None
    assert arm.comparison.improvement.value == pytest.approx(0.0, abs=1e-9)
    assert not arm.comparison.significant


def test_a_true_loss_in_every_phase_is_not_turned_into_a_win() -> None:
    report = build(widened(((0.02, 0.018), (0.04, 0.036))))
    (arm,) = report.compared
    assert arm.comparison is not None
    assert arm.comparison.improvement.value == pytest.approx(-0.1, abs=2e-3)


def test_every_door_names_the_phases_and_their_shares() -> None:
    experiment = widened(((0.02, 0.02), (0.04, 0.04)))
    report = build(experiment)
    assert [arm.share for arm in report.arms] == pytest.approx([0.5, 0.5], abs=1e-6)
    shares = [[0.95, 0.05], [0.5, 0.5]]
    document = as_document(report)
    for shown in (document, Client().get(f"/api/v1/reports/{experiment.slug}").json()):
        got = [list(phase["shares"].values()) for phase in shown["phases"]]
        for phase, expected in zip(got, shares, strict=True):
            assert phase == pytest.approx(expected, abs=1e-6)
    text = as_text(report)
    assert "within times of equal shares only" in text
    assert "raw 95 %, re_seq2seq 5 %" in text
    page = Client().get(f"/dashboards/{experiment.slug}/").content.decode()
    assert "within times of equal shares only" in page.replace("\xa0", " ").replace("&nbsp;", " ")
    assert "95 %" in page.replace("\xa0", " ")


def test_a_dropped_arm_is_compared_while_it_was_shown() -> None:
    """Counts added up would say that the dropped arm lifts by 43 %."""
    experiment = make_experiment(videos=len(VIDEOS), weights=(1, 1, 1))
    add_day(experiment, at_rates((6000, 6000, 6000), (0.08, 0.08, 0.08)))
    lifecycle.drop(experiment, "gevaden")
    add_day(experiment, at_rates((9000, 9000, 0), (0.04, 0.04, 0.04)), day=1)
    for arm in build(experiment).compared:
        assert arm.comparison is not None
        assert arm.comparison.improvement.value == pytest.approx(0.0, abs=1e-9)


def write_views(
    path: Path, experiment: Experiment, views: dict[str, list[tuple[int, int]]]
) -> None:
    """Write a file of events: by video, views and clicks of each arm, every view by another."""
    yesterday = now_ms() // DAY_MS * DAY_MS - DAY_MS
    number = 0
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for video, arms in views.items():
            for arm, (seen, clicked) in enumerate(arms):
                for view in range(seen):
                    key = impression_id(yesterday + number, 7, 0)
                    number += 1
                    rest = [number, video, experiment.slug, 1, arm, 0, 1, 0, ""]
                    rows.writerow([key, "viewable", *rest])
                    if view < clicked:
                        rows.writerow([key, "click", *rest])


def imported(
    tmp_path: Path,
    views: dict[str, list[tuple[int, int]]],
    unit: str = Unit.VIEWER_VIDEO,
    weights: tuple[float, ...] = (1, 1),
) -> Experiment:
    experiment = make_experiment(videos=len(views), weights=weights, unit=unit)
    write_views(tmp_path / "events.csv", experiment, views)
    call_command("import_events", str(tmp_path / "events.csv"), verbosity=0)
    call_command("rollup", verbosity=0)
    end(experiment, first_day=timezone.now().date() - timedelta(days=1))
    return experiment


def test_one_video_is_compared_by_its_viewers(tmp_path: Path) -> None:
    experiment = imported(tmp_path, {"pilot-0": [(3612, 172), (3668, 253)]})
    report = build(experiment)
    (arm,) = report.compared
    assert arm.comparison is not None
    assert arm.comparison.scope is Scope.THESE
    assert arm.comparison.improvement.value == pytest.approx(0.448, abs=1e-3)
    assert arm.comparison.improvement.low == pytest.approx(0.199, abs=0.01)
    assert arm.comparison.improvement.high == pytest.approx(0.746, abs=0.02)
    assert arm.comparison.p_value == pytest.approx(1e-4, rel=0.5)
    assert arm.like_these is None
    assert report.srm.observed == (3612, 3668)
    assert not report.srm.reason
    assert "lifts mCTR by 44.8 %" in as_text(report)
    assert "on 1 video" in as_text(report)


@pytest.mark.parametrize("unit", [Unit.VIEWER_VIDEO, Unit.VIEWER])
def test_an_arm_that_waits_leaves_one_video_compared(tmp_path: Path, unit: Unit) -> None:
    views = {"pilot-0": [(3612, 172), (3668, 253)]}
    _, arm, waiting = build(imported(tmp_path, views, unit, weights=(1, 1, 0))).arms
    assert arm.comparison is not None
    assert arm.comparison.scope is Scope.THESE
    assert arm.comparison.p_value == pytest.approx(1e-4, rel=0.5)
    assert waiting.comparison is None


def test_few_videos_speak_of_themselves_and_say_little_of_others(tmp_path: Path) -> None:
    experiment = imported(
        tmp_path, {"pilot-0": [(1500, 75), (1500, 120)], "pilot-1": [(900, 60), (900, 70)]}
    )
    report = build(experiment)
    (arm,) = report.compared
    assert arm.comparison is not None
    assert arm.like_these is not None
    assert arm.comparison.significant
    assert not arm.like_these.significant
    assert "For other videos like them" in as_text(report)
    assert json.loads(json.dumps(as_document(report)["arms"][1]["like_these"]))["df"] == 1


@pytest.mark.parametrize(
    ("unit", "counted"), [(Unit.VIEWER_VIDEO, 2), (Unit.VIEWER_VIDEO, 5), (Unit.VIEWER, 3)]
)
def test_where_few_of_many_videos_count_their_viewers_are_the_sample(
    tmp_path: Path, unit: Unit, counted: int
) -> None:
    """The reference is the textbook's: a mean of differences of proportions, each binomial."""
    much = np.array([((700, 50), (710, 81)), ((500, 60), (490, 66)), ((600, 31), (620, 50)),
                     ((450, 30), (440, 45)), ((800, 64), (805, 90))][:counted])  # fmt: skip
    little = [((6, 1), (7, 0))] * (30 - counted)
    tables = [*map(tuple, much.tolist()), *little]
    views = {f"pilot-{video}": list(arms) for video, arms in enumerate(tables)}
    report = build(imported(tmp_path, views, unit=unit))
    assert (report.included, report.left_out_videos) == (counted, 30 - counted)
    (arm,) = report.compared
    assert arm.comparison is not None
    assert (arm.comparison.scope, report.method) == (Scope.THESE, Method.BY_VIEWER)
    n, rate = much[..., 0], much[..., 1] / much[..., 0]
    control, shown = rate.mean(axis=0)
    viewers = int(n.sum()) + 13 * len(little)
    variance = (rate * (1 - rate) / n).sum() / counted**2 * viewers / (viewers - 1)
    p_value = 2 * stats.t.sf((shown - control) / np.sqrt(variance), viewers - 1)
    assert arm.comparison.improvement.value == pytest.approx(shown / control - 1)
    assert arm.comparison.standard_error == pytest.approx(np.sqrt(variance))
    assert arm.comparison.p_value == pytest.approx(p_value / AT_THE_END)
    assert report.srm.observed == tuple(n.sum(axis=0) + np.array([6, 7]) * len(little))
    assert f"on {counted} videos" in as_text(report)
    page = Client().get(f"/dashboards/{report.slug}/").content.decode()
    assert f"on {counted} videos" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_others_like_the_few_that_count_are_told_by_the_spread_of_those(tmp_path: Path) -> None:
    much = [((700, 50), (710, 81)), ((500, 60), (490, 66)), ((600, 31), (620, 50))]
    views = {f"pilot-{n}": list(arms) for n, arms in enumerate([*much, *[((6, 1), (7, 0))] * 27])}
    (arm,) = build(imported(tmp_path, views)).compared
    assert arm.like_these is not None
    rate = np.array(much)[..., 1] / np.array(much)[..., 0]
    expected = stats.ttest_rel(rate[:, 1], rate[:, 0]).pvalue
    assert arm.like_these.p_value == pytest.approx(expected / AT_THE_END)
