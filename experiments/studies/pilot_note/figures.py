"""The note's figures; every number in them is of the findings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from experiments.analysis.stats.power import one_video_power
from experiments.analysis.stats.records import CONTROL
from experiments.studies.pilot_note.designs import UNITS, Significance
from experiments.studies.pilot_note.duration import power_by_views
from experiments.studies.pilot_note.findings import EFFECT_SDS, MODEL, VIEWERS, Findings
from experiments.studies.pilot_note.pooled_z import NOMINAL
from experiments.unit import Unit

WIDTH, HEIGHT = 820, 340
COLOURS = ("#848b98", "#c57f00", "#009e73", "#cc6da0", "#2e8fd0", "#d55e00")  # as on the site
UNIT_NAMES = {
    Unit.VIEWER_VIDEO: "(viewer, video)",
    Unit.VIEWER: "viewer",
    Unit.VIDEO: "video",
}
BINS = 60
WIDEST = 1.5  # improvement at which the histogram ends; the last bin holds what is beyond
VIEWS = np.geomspace(1, 40_000, 60)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, the name of its file, and in words what it shows."""

    name: str
    alt: str
    figure: go.Figure


def figures(findings: Findings) -> tuple[Figure, ...]:
    """Return all, in the order of the note."""
    return (rates(findings), designs(findings), lifts(findings), power(findings), naive(findings))


def rates(findings: Findings) -> Figure:
    """Draw the replica's mCTR with intervals beside the paper's."""
    arms = findings.report.arms
    means = np.array([arm.mean_ctr.value for arm in arms])
    above = np.array([arm.mean_ctr.high for arm in arms]) - means
    below = means - np.array([arm.mean_ctr.low for arm in arms])
    names = [arm.name for arm in arms]
    bars = {"type": "data", "array": above, "arrayminus": below, "thickness": 2, "width": 8}
    figure = go.Figure([
        go.Scatter(x=names, y=means, error_y=bars, mode="markers", name="replica, 95 % interval",
                   marker={"size": 9, "color": COLOURS[2]}),
        go.Scatter(x=names, y=[row.mean_ctr for row in findings.printed], mode="markers",
                   name="printed in the paper",
                   marker={"size": 13, "symbol": "line-ew-open", "color": COLOURS[5]}),
    ])  # fmt: skip
    _style(figure, y_title="mCTR", y_format=".1%")
    return Figure("rates", "mCTR of each arm in the replica, and as printed", figure)


def designs(findings: Findings) -> Figure:
    """Draw how sure each design is of the last arm, over the spread of effects."""
    arm = len(findings.printed) - 1
    figure = go.Figure()
    for unit, colour in zip(UNITS, COLOURS[1:], strict=False):
        for viewers, dash in zip(VIEWERS, ("dot", "solid"), strict=True):
            cells = [findings.design(arm, unit, sd, viewers) for sd in EFFECT_SDS]
            figure.add_trace(_z_line(unit, viewers, cells, colour, dash))
    figure.add_hline(y=1.96, line={"color": COLOURS[0], "dash": "dash"})
    _style(figure, x_title="spread of the effect over videos (log-odds)", y_title="z")
    figure.update_yaxes(type="log")
    return Figure("designs", "z of the mean improvement by unit and spread of effects", figure)


def lifts(findings: Findings) -> Figure:
    """Draw how each video's improvement is spread: as observed, and shrunk."""
    last = findings.helped[-1]
    edges = np.linspace(-1, WIDEST, BINS + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for name, values, colour in (
        ("observed", last.raw[~np.isnan(last.raw)], COLOURS[0]),
        ("shrunk", last.lifts.lift, COLOURS[2]),
    ):
        counted, _ = np.histogram(np.clip(values, -1, WIDEST), bins=edges)
        figure.add_trace(
            go.Scatter(x=centres, y=counted, name=name, line={"color": colour, "shape": "hvh"},
                       fill="tozeroy", mode="lines")
        )  # fmt: skip
    figure.add_vline(x=0, line={"color": COLOURS[0], "width": 1})
    _style(figure, x_title=f"improvement with {last.arm}", y_title="videos", x_format="+.0%")
    return Figure(
        "lifts", f"improvements of the videos with {last.arm}, observed and shrunk", figure
    )


def power(findings: Findings) -> Figure:
    """Draw power over views: of the mean over all videos, and of one video alone."""
    figure = go.Figure()
    for found, colour in zip(findings.durations, COLOURS[1:], strict=False):
        name = findings.arms[found.arm]
        of_mean = power_by_views(MODEL, found.arm, findings.size.videos, VIEWS.tolist())
        alone = [one_video_power(MODEL.rates[CONTROL], found.improvement, round(n)) for n in VIEWS]
        figure.add_trace(_power_line(of_mean, f"{name}, mean over videos", colour, "solid"))
        figure.add_trace(_power_line(alone, f"{name}, one video alone", colour, "dot"))
    figure.add_vline(x=findings.size.views, line={"color": COLOURS[0], "dash": "dash"})
    _style(figure, x_title="views of a video in each arm (the pilot's: dashed)", y_title="power")
    figure.update_xaxes(type="log")
    figure.update_yaxes(tickformat=".0%")
    return Figure("power", "power over the views of a video in each arm", figure)


def naive(findings: Findings) -> Figure:
    """Draw how often the naive test and the honest one reject a true null."""
    names = [
        f"{UNIT_NAMES[cell.unit]}<br>{'varied' if cell.effect_sd else 'no'} effects<br>"
        f"{cell.views:,.0f} views"
        for cell in findings.naive
    ]
    figure = go.Figure()
    for name, found, colour in (
        ("pooled z", [cell.pooled_z for cell in findings.naive], COLOURS[5]),
        ("the design's own test", [cell.honest for cell in findings.naive], COLOURS[2]),
    ):
        values = [rate.value for rate in found]
        bars = {"type": "data", "array": [rate.high - rate.value for rate in found],
                "arrayminus": [rate.value - rate.low for rate in found]}  # fmt: skip
        figure.add_trace(
            go.Bar(x=names, y=values, name=name, error_y=bars, marker={"color": colour})
        )
    figure.add_hline(y=NOMINAL, line={"color": COLOURS[0], "dash": "dash"})
    _style(figure, y_title="true nulls rejected", y_format=".0%")
    return Figure("naive", "how often a true null is rejected at a nominal 5 %", figure)


def _z_line(
    unit: Unit, viewers: int, cells: Sequence[Significance], colour: str, dash: str
) -> go.Scatter:
    return go.Scatter(
        x=[cell.effect_sd for cell in cells],
        y=[cell.z for cell in cells],
        name=f"{UNIT_NAMES[unit]}, {viewers:,} viewers",
        mode="lines+markers",
        line={"color": colour, "dash": dash},
    )


def _power_line(powers: Sequence[float], name: str, colour: str, dash: str) -> go.Scatter:
    line = {"color": colour, "dash": dash}
    return go.Scatter(x=VIEWS, y=powers, name=name, mode="lines", line=line)


def _style(
    figure: go.Figure, *, x_title: str = "", y_title: str = "", x_format: str = "",
    y_format: str = "",
) -> None:  # fmt: skip
    axis = {"gridcolor": "rgba(128,128,128,0.25)", "zeroline": False, "automargin": True}
    figure.update_xaxes(title_text=x_title, tickformat=x_format or None, **axis)
    figure.update_yaxes(title_text=y_title, tickformat=y_format or None, **axis)
    figure.update_layout(
        template="none",
        width=WIDTH,
        height=HEIGHT,
        font={"family": "sans-serif", "size": 13, "color": "#222"},
        paper_bgcolor="white",
        margin={"l": 20, "r": 20, "t": 20, "b": 20},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
