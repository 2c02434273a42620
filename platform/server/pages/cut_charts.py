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
from server.pages.charts import ZERO, Chart, style

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
    figure, arms = go.Figure(), report.arms[1:]
    for number, arm in enumerate(arms):
        shift = APART * ((number + 0.5) / len(arms) - 0.5)
        figure.add_trace(_marks(cut, number + 1, arm.index, shift))
    figure.add_hline(y=0, line={"color": ZERO, "width": 1})
    style(figure, y_format="+.0%", legend=True)
    figure.update_xaxes(
        title_text=cut.title,
        tickvals=list(range(len(cut.slices))),
        ticktext=[part.said for part in cut.slices],
    )
    figure.update_yaxes(title_text=f"lift over {report.control.name}")
    return Chart(
        f"cut-{cut.name}",
        cut.title,
        f"Lift of pooled CTR over {report.control.name} in each slice; bars are "
        f"{percent(report.level, 0)} intervals that hold for all slices together.",
        figure,
        table_of(cut),
    )


def _marks(cut: CutResult, column: int, index: int, shift: float) -> go.Scatter:
    told = [
        (place + shift, part.arms[column])
        for place, part in enumerate(cut.slices)
        if np.isfinite(_lift(part.arms[column])[0])
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
            "array": np.nan_to_num(ends[:, 2] - ends[:, 0]),
            "arrayminus": np.nan_to_num(ends[:, 0] - ends[:, 1]),
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
