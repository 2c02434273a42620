"""A report's figures as plotly charts; the numbers are the report's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from experiments.analysis.confidence_sequences import ConfidenceSequences
from experiments.analysis.report.formatting import interval, percent, signed_percent
from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.site_days import site_minute
from experiments.analysis.stats.results import Comparison
from server.pages import chart_tables
from server.pages.arm_looks import colour_of, dash_of, symbol_of
from server.pages.chart_tables import Table

GRID = "rgba(128,128,128,0.22)"
ZERO = "rgba(128,128,128,0.7)"
SCATTER_AT_MOST = 200  # videos; more are drawn as a histogram
BINS = 60
HEIGHT_PX = 320
SCATTER_PX = 400
ROW_PX = 52  # of one arm, where each has a row
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
    figure = go.Figure()
    for arm in arms:
        text = f"{percent(arm.mean_ctr.value)} ({interval(arm.mean_ctr)})"
        figure.add_trace(_dot(arm, arm.mean_ctr.value, arm.mean_ctr.low, arm.mean_ctr.high, text))
    style(figure, x_format=".1%")
    figure.update_xaxes(title_text="mCTR (clicks per view)")
    _row_an_arm(figure, len(arms))
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
    figure = go.Figure()
    for arm, found in arms:
        text = f"{signed_percent(found.value)} ({interval(found, 1, signed=True)})"
        figure.add_trace(_dot(arm, found.value, found.low, found.high, text))
    figure.add_vline(x=0, line={"color": ZERO, "width": 1})
    style(figure, x_format="+.0%")
    figure.update_xaxes(title_text=f"improvement over {report.control.name}")
    _row_an_arm(figure, len(arms))
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
    figure = go.Figure()
    for name, arm in arms.items():
        looks = [(day, of[name]) for day, of in _by_day(any_time) if name in of]
        for trace in _band(arm, looks):
            figure.add_trace(trace)
    if not figure.data:
        return None
    figure.add_hline(y=0, line={"color": ZERO, "width": 1})
    style(figure, y_format="+.1f", legend=True)
    figure.update_yaxes(title_text="difference of mCTR (% points)", range=_range_of_bands(any_time))
    _mark_plan(figure, report, any_time.days)
    figure.update_xaxes(title_text="up to the end of the day (UTC)", tickformat="%d %b")
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
    style(figure, y_format=".1%", legend=True)
    figure.update_yaxes(title_text="clicks per view", row=1, col=1)
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


def _dot(arm: ArmRow, value: float, low: float, high: float, text: str) -> go.Scatter:
    bar = {"type": "data", "array": [high - value], "arrayminus": [value - low]}
    return go.Scatter(
        x=[value],
        y=[arm.name],
        mode="markers",
        name=arm.name,
        marker={"size": 12, "color": colour_of(arm.index), "symbol": symbol_of(arm.index)},
        error_x=bar | {"color": colour_of(arm.index), "thickness": 3, "width": 8}
        if np.isfinite(high - low)
        else None,
        hovertemplate=f"{arm.name}<br>{text}<extra></extra>",
    )


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


def _mark_plan(figure: go.Figure, report: Report, days: Sequence[date]) -> None:
    """Mark the planned end and the looks of a plan, and show the axis up to them.

    What a test that is over never came to is left out: it would have the course end in the future.
    """
    end = report.stopping.planned_end
    looks = report.stopping.looks or ((end.date(),) if end else ())
    over = report.ended_at.date() if report.ended_at else date.max
    marks = [day for day in looks if day <= over]
    for number, day in enumerate(marks, start=1):
        said = "planned end" if number == len(looks) else f"look {number}"
        side = "right" if number == len(marks) else "center"  # the last stands at the chart's edge
        figure.add_vline(x=day.isoformat(), line={"color": ZERO, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=day.isoformat(), y=1, yref="paper", xanchor=side, yanchor="bottom", text=said,
            showarrow=False,
        )  # fmt: skip
    if marks:
        figure.update_xaxes(range=[min(days[0], marks[0]), max(days[-1], marks[-1])])
    elif len(days) <= A_TICK_A_DAY:  # or ticks would be hours apart, and say the same date
        figure.update_xaxes(range=[days[0] - DAY, days[-1] + DAY], dtick=DAY // MILLISECOND)


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"


def _scatter(report: Report, rates_by_video: np.ndarray) -> Chart:
    control = rates_by_video[:, 0]
    top = float(rates_by_video.max()) * 1.05 or 1.0
    figure = go.Figure()
    figure.add_shape(type="line", x0=0, y0=0, x1=top, y1=top, line={"color": ZERO, "width": 1})
    for arm in report.arms[1:]:
        figure.add_trace(
            go.Scatter(
                x=control,
                y=rates_by_video[:, arm.index],
                text=report.titles,
                mode="markers",
                name=arm.name,
                marker={
                    "size": 9,
                    "color": colour_of(arm.index),
                    "symbol": symbol_of(arm.index),
                },
                hovertemplate="%{text}<br>%{x:.2%} → %{y:.2%}<extra>" + arm.name + "</extra>",
            )
        )
    style(figure, x_format=".0%", y_format=".0%", legend=True)
    figure.update_layout(height=SCATTER_PX)
    figure.update_xaxes(title_text=f"CTR with {report.control.name}", range=[0, top])
    figure.update_yaxes(title_text="CTR with the arm", range=[0, top])
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
    figure, counts = go.Figure(), {}
    for arm, column in zip(report.arms[1:], differences.T, strict=True):
        counted, _ = np.histogram(column, bins=edges)
        counts[arm.name] = counted
        figure.add_trace(
            go.Scatter(
                x=centres,
                y=counted,
                name=arm.name,
                mode="lines",
                line={
                    "color": colour_of(arm.index),
                    "dash": dash_of(arm.index),
                    "shape": "hvh",
                },
                hovertemplate="%{x:+.2%}: %{y} videos<extra>" + arm.name + "</extra>",
            )
        )
    figure.add_vline(x=0, line={"color": ZERO, "width": 1})
    style(figure, x_format="+.1%", legend=True)
    figure.update_xaxes(title_text=f"CTR minus CTR with {report.control.name}")
    figure.update_yaxes(title_text="videos")
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


def style(
    figure: go.Figure, *, x_format: str = "", y_format: str = "", legend: bool = False
) -> None:
    """Give a figure the look of all: its ground is the page's, its lines are quiet."""
    axis = {"gridcolor": GRID, "zeroline": False, "automargin": True}
    figure.update_xaxes(tickformat=x_format or None, **axis)
    figure.update_yaxes(tickformat=y_format or None, **axis)
    figure.update_layout(
        template="none",
        height=HEIGHT_PX,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 10, "r": 20, "t": 10, "b": 40},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hoverlabel={"align": "left"},
    )


def _row_an_arm(figure: go.Figure, arms: int) -> None:
    figure.update_yaxes(range=[arms - 0.5, -0.5])  # the control on top, as in the table
    figure.update_layout(height=ROW_PX * arms + 60)
