"""Charts of the cuts: each arm's lift in every slice, and the same numbers as tables."""

from collections.abc import Callable
from math import isnan

import numpy as np
import plotly.graph_objects as go

from experiments.analysis.report.cuts import CutResult, SliceArm
from experiments.analysis.report.formatting import interval, p_value, percent, signed_percent, whole
from experiments.analysis.report.record import Report
from server.pages.arm_looks import colour_of, symbol_of
from server.pages.chart_tables import ARM, Column, Table
from server.pages.charts import Chart
from server.pages.figure_looks import figure_of, level_line

LABELS = 12  # of slices have room below the axis
APART = 0.6  # of the room of a slice is for its arms
ABSENT = "–"


def _or_absent(show: Callable[[float], str]) -> Callable[[float], str]:
    return lambda number: ABSENT if isnan(number) else show(number)


_LIFT, _P = _or_absent(signed_percent), _or_absent(lambda p: p_value(p).removeprefix("= "))
COLUMNS: tuple[Column, ...] = (
    ("Slice", str),
    ARM,
    ("views", whole),
    ("clicks", whole),
    ("CTR", _or_absent(percent)),
    ("lift", _LIFT),
    ("low", _LIFT),
    ("high", _LIFT),
    ("p", _P),
    ("p of differing from all views", _P),
    ("note", str),
)


def cut_charts(report: Report) -> list[Chart]:
    """Return a chart a cut that has slices to be told apart; none before cuts were computed."""
    if report.cuts is None:
        return []
    return [_chart(report, cut) for cut in report.cuts.cuts if len(cut.slices) > 1]


def table_of(cut: CutResult) -> Table:
    """Return every arm in every slice."""
    rows = [
        (
            *(part.said, line.arm, line.views, line.clicks, line.ctr),
            *_lift(line),
            *(line.p_value, line.apart_p_value),
            line.lift.reason if line.lift else "",
        )
        for part in cut.slices
        for line in part.arms
    ]
    return Table(COLUMNS, tuple(rows))


def _chart(report: Report, cut: CutResult) -> Chart:
    arms, every = report.arms[1:], 1 + len(cut.slices) // LABELS
    marks = [
        _marks(cut, number + 1, arm.index, APART * ((number + 0.5) / len(arms) - 0.5))
        for number, arm in enumerate(arms)
    ]
    x = {
        "title_text": cut.title,
        "tickvals": list(range(0, len(cut.slices), every)),
        "ticktext": [_in_two_lines(part.said) for part in cut.slices[::every]],
        "range": [-0.5, len(cut.slices) - 0.5],  # or labels of the outer slices have no room
    }
    y = {"title_text": "lift over control", "tickformat": "+.0%"}
    figure = figure_of(
        marks, x=x, y=y | {"range": _range(cut)}, shapes=[level_line(0)], showlegend=True
    )
    return Chart(
        f"cut-{cut.name}",
        cut.title,
        f"Lift of pooled CTR over {report.control.name} in each slice; bars are "
        f"{percent(report.level, 0)} intervals that hold for all slices together; one "
        "that leaves the picture is longer. A slice of too few clicks is in the table alone.",
        figure,
        table_of(cut),
    )


def _range(cut: CutResult) -> list[float]:
    """Return what the axis shows: all lifts, and as much around as most of their intervals need."""
    told = [_lift(line) for part in cut.slices for line in part.arms if _is_told(line)]
    if not told:
        return [-0.5, 0.5]
    values, lows, highs = np.array(told).T
    most = 0.5 + 2 * float(np.abs(values).max())  # bars of few clicks would leave no room
    low = min(float(values.min()), max(float(np.median(lows)), -most), 0.0)
    high = max(float(values.max()), min(float(np.median(highs)), most), 0.0)
    return [low - 0.1 * (high - low), high + 0.1 * (high - low)]


def _in_two_lines(said: str) -> str:
    """Return a slice's name broken at the space nearest its middle: a slice has little room."""
    spaces = [place for place, letter in enumerate(said) if letter == " "]
    if not spaces:
        return said
    at = min(spaces, key=lambda place: abs(2 * place + 1 - len(said)))
    return f"{said[:at]}<br>{said[at + 1 :]}"


def _is_told(line: SliceArm) -> bool:
    return bool(np.isfinite(_lift(line)).all())


def _marks(cut: CutResult, column: int, index: int, shift: float) -> go.Scatter:
    told = [
        (place + shift, part.arms[column])
        for place, part in enumerate(cut.slices)
        if _is_told(part.arms[column])
    ]
    ends = np.array([_lift(line) for _, line in told]).reshape(-1, 3)  # value, low, high
    colour = colour_of(index)
    return go.Scatter(
        x=[x for x, _ in told],
        y=ends[:, 0],
        mode="markers",
        name=cut.slices[0].arms[column].arm,
        marker={"size": 9, "color": colour, "symbol": symbol_of(index)},
        error_y={
            "type": "data",
            "array": ends[:, 2] - ends[:, 0],
            "arrayminus": ends[:, 0] - ends[:, 1],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        text=[_text(line) for _, line in told],
        hovertemplate="%{text}<extra></extra>",
    )


def _text(line: SliceArm) -> str:
    assert line.lift is not None  # noqa: S101  only arms with a lift are drawn
    return f"{line.arm}: {signed_percent(line.lift.value)} ({interval(line.lift, 1, signed=True)})"


def _lift(line: SliceArm) -> tuple[float, float, float]:
    found = line.lift
    return (found.value, found.low, found.high) if found else (np.nan, np.nan, np.nan)
