"""A report's figures as plotly charts; the numbers are the report's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from experiments.analysis.confidence_sequences import ConfidenceSequences
from experiments.analysis.report.formatting import interval, percent, signed_percent
from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.site_days import site_minute
from experiments.analysis.stats.results import Comparison, Estimate
from server.pages import chart_tables
from server.pages.arm_looks import colour_of, dash_of, symbol_of
from server.pages.chart_tables import Table
from server.pages.figure_looks import THIN, figure_of, level_line, style, upright

SCATTER_AT_MOST = 200  # videos; more are drawn as a histogram
BINS = 60
SCATTER_PX = 400
ROW_PX = 52  # of one arm, where each has a row
TWO_ROWS_PX = 400  # of charts, one below the other
DAY, MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)
A_TICK_A_DAY = 7  # days at most


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, its title, in words what it shows, and its numbers as a table where it has one."""

    name: str
    title: str
    caption: str
    figure: go.Figure
    table: Table | None = None


def charts(report: Report, any_time: ConfidenceSequences | None = None) -> list[Chart]:
    """Return the charts that the report's data, and the sequences where there are some, allow."""
    drawn = (
        rates(report),
        improvements(report),
        so_far(report, any_time) if any_time else None,
        by_video(report),
        by_day(report),
    )
    return [chart for chart in drawn if chart is not None]


def rates(report: Report) -> Chart | None:
    """Return mCTR by arm with its interval."""
    arms = [arm for arm in report.arms if np.isfinite(arm.mean_ctr.value)]
    if not arms:
        return None
    dots = [
        _dot(arm, arm.mean_ctr, f"{percent(arm.mean_ctr.value)} ({interval(arm.mean_ctr)})")
        for arm in arms
    ]
    x = {"title_text": "mCTR (clicks per view)", "tickformat": ".1%"}
    figure = figure_of(dots, x=x, **_row_an_arm(len(arms)))
    return Chart(
        "rates",
        "mCTR by arm",
        f"Mean over videos of clicks over views; bars are {percent(report.level, 0)} intervals.",
        figure,
        chart_tables.of_rates(report),
    )


def improvements(report: Report) -> Chart | None:
    """Return each arm's improvement over the control with its simultaneous interval."""
    arms = [
        (arm, arm.comparison.simultaneous_improvement)
        for arm in report.compared
        if arm.comparison and np.isfinite(arm.comparison.improvement.value)
    ]
    if not arms:
        return None
    dots = [
        _dot(arm, found, f"{signed_percent(found.value)} ({interval(found, 1, signed=True)})")
        for arm, found in arms
    ]
    x = {"title_text": "improvement over control", "tickformat": "+.0%"}
    figure = figure_of(dots, x=x, shapes=[upright(0)], **_row_an_arm(len(arms)))
    return Chart(
        "improvements",
        f"Improvement of mCTR over {report.control.name}",
        f"Simultaneous {percent(report.level, 0)} intervals: an arm whose bar does not "
        "touch the line at 0 differs from the control.",
        figure,
        chart_tables.of_improvements(report),
    )


def so_far(report: Report, any_time: ConfidenceSequences) -> Chart | None:
    """Return the differences as they accumulate, with bands that hold at every look."""
    arms = {arm.name: arm for arm in report.arms}
    bands = [
        trace
        for name, arm in arms.items()
        for trace in _band(arm, [(day, of[name]) for day, of in _by_day(any_time) if name in of])
    ]
    if not bands:
        return None
    marks, annotations = _marks_of_plan(report, any_time.days[0])
    y = {"title_text": "difference of mCTR (% points)", "tickformat": "+.1f"}
    figure = figure_of(
        bands,
        x={"title_text": "up to the end of the day (UTC)", "tickformat": "%d %b"}
        | _range_of_days(any_time.days, marks),
        y=y | {"range": _range_of_bands(any_time)},
        shapes=[level_line(0), *(upright(day.isoformat(), dash="dot") for day in marks)],
        annotations=annotations,
        showlegend=True,
    )
    level = percent(report.level, 0)
    return Chart(
        "bands",
        f"Difference of mCTR to {report.control.name} so far",
        f"Over all days up to each (UTC), with {level} bands that hold at all days and for all "
        "arms together: they may be looked at at any moment. An arm whose band leaves the line at "
        f"0 differs from the control. Upright lines: the planned end and looks.{_as_of(report)}",
        figure,
        chart_tables.of_bands(any_time),
    )


def _as_of(report: Report) -> str:
    """Return of when a course by viewer is, where views came since; else nothing."""
    if not report.method.needs_viewers or report.two_way is None or report.two_way.current:
        return ""
    return f" Views counted since {site_minute(report.two_way.made_at)} are not in it yet."


def by_video(report: Report) -> Chart | None:
    """Return how the videos differ: a point a video, or a histogram where they are many."""
    rates_by_video = report.counts.ctr  # (V, K)
    if not len(rates_by_video) or not np.isfinite(rates_by_video).all():
        return None
    if len(rates_by_video) <= SCATTER_AT_MOST:
        return _scatter(report, rates_by_video)
    return _histogram(report, rates_by_video)


def by_day(report: Report) -> Chart | None:
    """Return CTR and views by day, where there is more than one day."""
    days = sorted({row.start for row in report.days})
    if len(days) < 2:
        return None
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.65, 0.35])
    for arm in report.arms:
        for row, trace in enumerate(_day_lines(report, arm, days), start=1):
            figure.add_trace(trace, row=row, col=1)
    style(figure, legend=True)
    figure.update_layout(height=TWO_ROWS_PX)
    figure.update_xaxes(tickformat="%d %b", dtick=_a_tick_a_day(days))
    figure.update_yaxes(title_text="clicks per view", tickformat=".1%", row=1, col=1)
    figure.update_xaxes(title_text=f"day ({report.days_of.said})", row=2, col=1)
    figure.update_yaxes(title_text="views", tickformat="~s", rangemode="tozero", row=2, col=1)
    return Chart(
        "days",
        "Day by day",
        "Clicks over views of each day, over all videos together, and the views; days are of "
        f"{report.days_of.said}. A day in which the shares changed is put together by one mix for "
        "all arms. Not mCTR: a day has too few views a video for that.",
        figure,
        chart_tables.of_days(report),
    )


def _dot(arm: ArmRow, found: Estimate, text: str) -> go.Scatter:
    value, low, high = found.value, found.low, found.high
    return go.Scatter(
        x=[value],
        y=[arm.name],
        mode="markers",
        name=arm.name,
        marker={"size": 12, "color": colour_of(arm.index), "symbol": symbol_of(arm.index)},
        error_x=_bar(low, value, high) | {"color": colour_of(arm.index)}
        if np.isfinite(high - low)
        else None,
        hovertemplate=f"{arm.name}<br>{text}<extra></extra>",
    )


def _bar(low: float, value: float, high: float) -> dict[str, Any]:
    """Return an interval as a bar through its value."""
    ends = {"array": [high - value], "arrayminus": [value - low]}
    return {"type": "data", "thickness": 3, "width": 8} | ends


def _by_day(any_time: ConfidenceSequences) -> list[tuple[date, dict[str, Comparison]]]:
    """Return each look's comparisons by the arm."""
    by_arm = [{line.arm: line for line in look} for look in any_time.looks]
    return list(zip(any_time.days, by_arm, strict=True))


def _band(arm: ArmRow, compared: Sequence[tuple[date, Comparison]]) -> list[go.Scatter]:
    """Return an arm's band and line over the looks at which both are defined."""
    looks = [(day, *_points(line)) for day, line in compared if np.isfinite(_points(line)).all()]
    if not looks:
        return []
    x, low, value, high = zip(*looks, strict=True)
    colour, plain = colour_of(arm.index), {"legendgroup": arm.name, "showlegend": False}
    edge = {"mode": "lines", "line": {"width": 1, "color": colour}, "hoverinfo": "skip"}
    fill = {"fill": "tonexty", "fillcolor": _faint(colour)}
    line = go.Scatter(x=x, y=value, name=arm.name, legendgroup=arm.name, mode="lines+markers")
    look = {"color": colour, "width": 2, "dash": dash_of(arm.index)}
    line.update(
        line=look,
        marker={"symbol": symbol_of(arm.index)},
        customdata=list(zip(low, high, strict=True)),
    )
    line.hovertemplate = (
        "%{x|%d %b}: %{y:+.2f} (%{customdata[0]:+.2f} to %{customdata[1]:+.2f}) points"
        f"<extra>{arm.name}</extra>"
    )
    if len(looks) == 1:  # an area of one day is as wide as nothing
        line.update(error_y=_bar(low[0], value[0], high[0]) | {"color": colour})
        return [line]
    return [
        go.Scatter(x=x, y=low, **edge, **plain),
        go.Scatter(x=x, y=high, **edge, **plain, **fill),
        line,
    ]


def _points(line: Comparison) -> tuple[float, float, float]:
    """Return the low end, value and high end of a difference, in % points."""
    found = line.simultaneous_difference
    return 100 * found.low, 100 * found.value, 100 * found.high


def _range_of_bands(any_time: ConfidenceSequences) -> list[float]:
    """Return what the axis shows: the last bands, and as much again for the wider ones before."""
    ends = [end for line in any_time.looks[-1] for end in _points(line)]
    low, high = float(np.nanmin([0.0, *ends])), float(np.nanmax([0.0, *ends]))
    return [low - (high - low) / 2, high + (high - low) / 2]


def _marks_of_plan(report: Report, first: date) -> tuple[list[date], list[dict[str, Any]]]:
    """Return the planned end and looks of a plan, and what stands at each.

    What a test that is over never came to is left out: it would have the course end in the future.

    Args:
        report: of the experiment.
        first: day of the course.
    """
    end = report.stopping.planned_end
    looks = report.stopping.looks or ((end.date(),) if end else ())
    over = report.ended_at.date() if report.ended_at else date.max
    marks = [day for day in looks if day <= over]
    annotations = [
        {
            "text": "planned end" if number == len(looks) else f"look {number}",
            "x": day.isoformat(),
            # Upwards beside its line, for which there is room on a phone, too, and no legend near.
            "textangle": -90,
            "xanchor": "left" if day <= first else "right",
            "y": 1,
            "yref": "paper",
            "yanchor": "top",
            "showarrow": False,
        }
        for number, day in enumerate(marks, start=1)
    ]
    return marks, annotations


def _range_of_days(days: Sequence[date], marks: Sequence[date]) -> dict[str, Any]:
    """Return what an axis of days is to show where that is not just the days."""
    if marks:
        first = days[0] - DAY if len(days) == 1 else days[0]  # or half of a bar would be cut off
        return {"range": [min(first, marks[0]), max(days[-1], marks[-1])]}
    if dtick := _a_tick_a_day(days):
        return {"range": [days[0] - DAY, days[-1] + DAY], "dtick": dtick}
    return {}


def _a_tick_a_day(days: Sequence[date]) -> int | None:
    """Return how far ticks are apart where they could be hours apart, and say the same date."""
    return DAY // MILLISECOND if len(days) <= A_TICK_A_DAY else None


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"


def _scatter(report: Report, rates_by_video: np.ndarray) -> Chart:
    control = rates_by_video[:, 0]
    top = float(rates_by_video.max()) * 1.05 or 1.0
    points = [
        go.Scatter(
            x=control,
            y=rates_by_video[:, arm.index],
            text=report.titles,
            mode="markers",
            name=arm.name,
            marker={"size": 9, "color": colour_of(arm.index), "symbol": symbol_of(arm.index)},
            hovertemplate="%{text}<br>%{x:.2%} → %{y:.2%}<extra>" + arm.name + "</extra>",
        )
        for arm in report.arms[1:]
    ]
    alike = {"type": "line", "x0": 0, "y0": 0, "x1": top, "y1": top, "line": THIN}
    axis = {"tickformat": ".0%", "range": [0, top]}
    figure = figure_of(
        points,
        x=axis | {"title_text": "CTR with the control"},
        y=axis | {"title_text": "CTR with the arm"},
        shapes=[alike],
        height=SCATTER_PX,
        showlegend=True,
    )
    return Chart(
        "videos",
        "Video by video",
        "One point a video and arm: above the line the arm's thumbnail was clicked more often "
        "than the control's.",
        figure,
        chart_tables.of_videos(report),
    )


def _histogram(report: Report, rates_by_video: np.ndarray) -> Chart:
    differences = rates_by_video[:, 1:] - rates_by_video[:, :1]  # (V, K - 1)
    edges = np.histogram_bin_edges(differences, bins=BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    steps, counts = [], {}
    for arm, column in zip(report.arms[1:], differences.T, strict=True):
        counted, _ = np.histogram(column, bins=edges)
        counts[arm.name] = counted
        line = {"color": colour_of(arm.index), "dash": dash_of(arm.index), "shape": "hvh"}
        hover = "%{x:+.2%}: %{y} videos<extra>" + arm.name + "</extra>"
        steps.append(
            go.Scatter(
                x=centres, y=counted, name=arm.name, mode="lines", line=line, hovertemplate=hover
            )
        )
    x = {"title_text": "CTR minus the control's", "tickformat": "+.1%"}
    figure = figure_of(steps, x=x, y={"title_text": "videos"}, shapes=[upright(0)], showlegend=True)
    return Chart(
        "videos",
        "Video by video",
        "How the difference to the control is spread over the videos, chance included.",
        figure,
        chart_tables.of_bins("difference of CTR", centres, counts),
    )


def _day_lines(report: Report, arm: ArmRow, days: list[date]) -> tuple[go.Scatter, go.Scatter]:
    found = {row.start: row for row in report.days if row.arm == arm.index and row.views}
    rows = [(day, found[day]) for day in days if day in found]
    line = {"x": [day for day, _ in rows], "name": arm.name, "mode": "lines+markers"}
    look = {
        "line": {"color": colour_of(arm.index), "width": 2, "dash": dash_of(arm.index)},
        "marker": {"symbol": symbol_of(arm.index), "size": 7},
        "legendgroup": arm.name,
    }
    rate = go.Scatter(y=[row.ctr for _, row in rows], **line, **look)
    views = go.Scatter(y=[row.views for _, row in rows], showlegend=False, **line, **look)
    rate.hovertemplate = "%{x|%d %b}: %{y:.2%}<extra>" + arm.name + "</extra>"
    views.hovertemplate = "%{x|%d %b}: %{y:,} views<extra>" + arm.name + "</extra>"
    return rate, views


def _row_an_arm(arms: int) -> dict[str, Any]:
    """Return the layout of a row for each arm, the control on top as in the table."""
    return {"y": {"range": [arms - 0.5, -0.5]}, "height": ROW_PX * arms + 60}
