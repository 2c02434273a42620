"""The look of all figures: the ground is the page's, the lines are quiet."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

THIN = {"color": "rgba(128,128,128,0.7)", "width": 1}
AXIS = {
    "gridcolor": "rgba(128,128,128,0.22)",
    "zeroline": False,
    "automargin": True,
    # Unseen ticks keep the labels of two axes apart where the axes meet.
    "ticks": "outside",
    "ticklen": 6,
    "tickcolor": "rgba(0,0,0,0)",
    "autotickangles": [0, 90],  # aslant the last label would not fit, and be left out
}
LOOK = {
    "template": "none",
    "height": 320,  # pixels
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"l": 10, "r": 20, "t": 10, "b": 40},
    "showlegend": False,
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "hoverlabel": {"align": "left"},
}


def figure_of(
    traces: Sequence[go.Scatter],
    *,
    x: dict[str, Any] | None = None,
    y: dict[str, Any] | None = None,
    **layout: Any,
) -> go.Figure:
    """Return a figure with the look of all, made at once: each later change costs as much.

    Args:
        traces: what it shows.
        x: of its level axis, as plotly names it, where it is unlike others.
        y: of its upright axis.
        layout: of the whole.
    """
    axes = {"xaxis": AXIS | (x or {}), "yaxis": AXIS | (y or {})}
    return go.Figure(list(traces), {**LOOK, **axes, **layout})


def style(figure: go.Figure, *, legend: bool) -> None:
    """Give a figure that is drawn already the look of all."""
    figure.update_xaxes(**AXIS)
    figure.update_yaxes(**AXIS)
    figure.update_layout(**(LOOK | {"showlegend": legend}))


def upright(x: float | str, dash: str = "solid") -> dict[str, Any]:
    """Return a line from the bottom of a figure to its top."""
    ends = {"x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
    return {"type": "line", **ends, "line": THIN | {"dash": dash}}


def level_line(y: float) -> dict[str, Any]:
    """Return a line from the left of a figure to its right."""
    ends = {"y0": y, "y1": y, "yref": "y", "x0": 0, "x1": 1, "xref": "x domain"}
    return {"type": "line", **ends, "line": THIN}
