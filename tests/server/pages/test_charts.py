"""Charts of a report."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import plotly
import pytest
from django.contrib.staticfiles import finders

from experiments.analysis.confidence_sequences import ConfidenceSequences, course
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.models import DayCount, Experiment
from experiments.unit import Unit
from server.pages.arm_looks import COLOURS, DASHES, SYMBOLS
from server.pages.charts import SCATTER_AT_MOST, charts
from server.pages.exports import PLOTLY
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, add_day, counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
SHEET = Path(__file__).resolve().parents[3] / "platform/server/static/coverlift/site.css"
GROUNDS = re.compile(r"--(?:ground|surface): (#[0-9a-f]{6});")


def sequences_of(experiment: Experiment) -> ConfidenceSequences:
    return course(experiment, build(experiment))


def drawn(report: Report) -> dict[str, dict[str, object]]:
    return {chart.name: chart.figure.to_plotly_json() for chart in charts(report)}


def many_videos(number: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    rng = np.random.default_rng(5)
    clicks = rng.binomial(200, [0.05, 0.06, 0.07], size=(number, 3))
    return tuple(tuple((200, int(x)) for x in row) for row in clicks)


def test_an_arm_has_the_same_colour_in_charts_and_tables() -> None:
    arms = re.findall(r"--arm-(\d): (#[0-9a-f]{6});", SHEET.read_text())
    assert arms == [(str(index), colour) for index, colour in enumerate(COLOURS)]


def luminance(colour: str) -> float:
    """Return a colour's relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("colour", COLOURS)
def test_an_arm_stands_out_from_every_ground(colour: str) -> None:
    grounds = GROUNDS.findall(SHEET.read_text())
    assert len(grounds) == 4
    for ground in grounds:
        dark, light = sorted([luminance(colour), luminance(ground)])
        assert (light + 0.05) / (dark + 0.05) >= 3, ground


def test_arms_are_told_apart_without_colour() -> None:
    report = build(counted_study(ended=False))
    found = {chart.name: chart.figure for chart in charts(report)}
    assert [trace.marker.symbol for trace in found["rates"].data] == list(SYMBOLS[:3])
    assert [trace.marker.symbol for trace in found["videos"].data] == list(SYMBOLS[1:3])
    many = charts(build(counted_study(many_videos(SCATTER_AT_MOST + 1), slug="many")))
    (spread,) = [chart.figure for chart in many if chart.name == "videos"]
    assert [trace.line.dash for trace in spread.data] == list(DASHES[1:3])


def test_every_axis_that_counts_has_a_name() -> None:
    experiment = counted_study(ended=False)
    add_day(experiment, FOUR_VIDEOS, day=1)
    for chart in charts(build(experiment), sequences_of(experiment)):
        axes = [*chart.figure.select_xaxes(), *chart.figure.select_yaxes()]
        unnamed = [axis for axis in axes if not axis.title.text]
        assert len(unnamed) <= 1, chart.name  # arms have names of their own; a shared axis has one


def test_bars_are_the_intervals_of_the_record() -> None:
    report = build(counted_study())
    for arm, trace in zip(report.arms, drawn(report)["rates"]["data"], strict=True):  # type: ignore[call-overload]  # plotly's json
        assert trace["y"] == [arm.name]
        assert trace["x"][0] + trace["error_x"]["array"][0] == pytest.approx(arm.mean_ctr.high)
        assert trace["x"][0] - trace["error_x"]["arrayminus"][0] == pytest.approx(arm.mean_ctr.low)


def test_improvements_leave_the_control_out() -> None:
    report = build(counted_study())
    names = [trace["name"] for trace in drawn(report)["improvements"]["data"]]  # type: ignore[attr-defined]  # plotly's json
    assert names == ["re_seq2seq", "gevaden"]


def test_few_videos_are_points_with_their_titles() -> None:
    (chart,) = [c for c in charts(build(counted_study())) if c.name == "videos"]
    raw, gevaden = chart.figure.data[0].x, chart.figure.data[1].y
    assert raw == pytest.approx([x / n for (n, x), *_ in FOUR_VIDEOS])
    assert gevaden == pytest.approx([x / n for *_, (n, x) in FOUR_VIDEOS])
    assert chart.figure.data[1].text == ("Pilot-0", "Pilot-1", "Pilot-2", "Pilot-3")


def test_many_videos_are_a_histogram_that_counts_each_once() -> None:
    report = build(counted_study(many_videos(SCATTER_AT_MOST + 1)))
    (chart,) = [c for c in charts(report) if c.name == "videos"]
    assert [sum(trace.y) for trace in chart.figure.data] == [SCATTER_AT_MOST + 1] * 2


def test_days_are_drawn_where_there_are_two() -> None:
    experiment = counted_study()
    assert "days" not in drawn(build(experiment))
    add_day(experiment, FOUR_VIDEOS, day=1)
    (chart,) = [c for c in charts(build(experiment)) if c.name == "days"]
    rate, views = chart.figure.data[:2]
    raw_views = sum(n for (n, _), *_ in FOUR_VIDEOS)
    raw_clicks = sum(x for (_, x), *_ in FOUR_VIDEOS)
    assert list(views.y) == [raw_views, raw_views]
    assert list(rate.y) == pytest.approx([raw_clicks / raw_views] * 2)


def test_what_is_undefined_is_not_drawn() -> None:
    assert charts(build(make_experiment())) == []
    alone = drawn(build(counted_study(FOUR_VIDEOS[:1], slug="one")))
    assert set(alone) <= {"rates", "videos", "improvements"}
    between = (((900, 45), (0, 0)), ((0, 0), (910, 70)), ((800, 30), (0, 0)), ((0, 0), (820, 66)))
    assigned = counted_study(between, slug="assigned", unit=Unit.VIDEO)
    assert "videos" not in drawn(build(assigned))


def test_bands_of_the_last_day_are_drawn_as_they_are() -> None:
    experiment = counted_study(ended=False)
    for day in (1, 2):
        add_day(experiment, FOUR_VIDEOS, day=day)
    found = sequences_of(experiment)
    (chart,) = [c for c in charts(build(experiment), found) if c.name == "bands"]
    low, high, line = chart.figure.data[-3:]
    last = found.looks[-1][-1].simultaneous_difference
    drawn_ends = (low.y[-1], line.y[-1], high.y[-1])
    assert drawn_ends == pytest.approx((100 * last.low, 100 * last.value, 100 * last.high))
    assert line.name == found.looks[-1][-1].arm == "gevaden"
    bottom, top = chart.figure.layout.yaxis.range
    assert bottom < min(0, 100 * last.low) < max(0, 100 * last.high) < top


def test_the_course_marks_the_planned_end_and_the_looks() -> None:
    experiment = counted_study()
    Experiment.objects.update(stopping_rule="group_sequential", planned_days=28, looks=4)
    experiment.refresh_from_db()
    by_name = {chart.name: chart for chart in charts(build(experiment), sequences_of(experiment))}
    layout = by_name["bands"].figure.layout
    marked = [(note.x, note.text) for note in layout.annotations]
    assert marked == [
        ("2026-10-08", "look 1"),
        ("2026-10-15", "look 2"),
        ("2026-10-22", "look 3"),
        ("2026-10-29", "planned end"),
    ]
    assert [str(end) for end in layout.xaxis.range] == [
        "2026-09-30",
        "2026-10-29",
    ]  # of a first day alone


def test_the_course_of_a_test_that_is_over_leaves_out_what_it_never_came_to() -> None:
    experiment = counted_study()
    ended_at = datetime(2026, 10, 16, 12, tzinfo=UTC)
    Experiment.objects.update(planned_days=28, looks=4, ended_at=ended_at)
    experiment.refresh_from_db()
    by_name = {chart.name: chart for chart in charts(build(experiment), sequences_of(experiment))}
    layout = by_name["bands"].figure.layout
    assert [note.text for note in layout.annotations] == []
    assert max(layout.xaxis.range) < ended_at.date()


def test_a_course_of_a_day_has_each_date_once_on_its_axis() -> None:
    experiment = counted_study()
    DayCount.objects.exclude(day=DayCount.objects.earliest("day").day).delete()
    Experiment.objects.update(ended_at=datetime(2026, 10, 2, 12, tzinfo=UTC))
    experiment.refresh_from_db()
    by_name = {chart.name: chart for chart in charts(build(experiment), sequences_of(experiment))}
    layout = by_name["bands"].figure.layout
    assert layout.xaxis.dtick == 24 * 3600 * 1000
    first, last = layout.xaxis.range
    assert last - first == timedelta(days=2)


def test_the_band_of_a_single_day_is_a_bar() -> None:
    experiment = counted_study()
    DayCount.objects.exclude(day=DayCount.objects.earliest("day").day).delete()
    found = sequences_of(experiment)
    (chart,) = [c for c in charts(build(experiment), found) if c.name == "bands"]
    line = chart.figure.data[-1]
    last = found.looks[-1][-1].simultaneous_difference
    assert len(found.looks) == len(line.y) == 1
    assert chart.figure.layout.xaxis.range[0] < line.x[0]
    assert line.y[0] + line.error_y.array[0] == pytest.approx(100 * last.high)
    assert line.y[0] - line.error_y.arrayminus[0] == pytest.approx(100 * last.low)


def test_without_looks_there_is_no_band() -> None:
    experiment = make_experiment()
    assert [c.name for c in charts(build(experiment), sequences_of(experiment))] == []


def script_version(script: Path) -> str:
    found = re.search(
        r"plotly\.js (?:\(basic - minified\) )?v([\d.]+)", script.read_text(encoding="utf-8")[:5000]
    )
    assert found is not None
    return found[1]


def test_the_script_is_of_the_installed_packages_version() -> None:
    script = finders.find(PLOTLY)
    assert script is not None
    packaged = Path(plotly.__file__).parent / "package_data/plotly.min.js"
    assert script_version(Path(script)) == script_version(packaged)


def test_the_script_is_small_enough_to_go_into_a_file_and_cannot_end_a_script() -> None:
    text = Path(str(finders.find(PLOTLY))).read_text(encoding="utf-8")
    assert len(text) < 1_300_000
    assert "</script" not in text
