"""The lifts of all videos as a chart: as they were counted, and drawn to what all videos say."""

import numpy as np
import plotly.graph_objects as go

from experiments.analysis.stats.records import FloatArray
from experiments.analysis.videos.record import VideoReport
from server.pages.arm_looks import colour_of
from server.pages.chart_tables import of_bins
from server.pages.charts import Chart
from server.pages.figure_looks import figure_of, upright

BINS = 60
WIDEST = (1, 99)  # percent of the raw lifts that the axis holds at least
QUANTILES = (5, 25, 50, 75, 95)


def lifts_of(report: VideoReport, arm: str) -> tuple[FloatArray, FloatArray]:
    """Return the raw and the likely lifts of an arm, of the videos that have both, (V,) each."""
    cells = [cell for row in report.videos for cell in row.arms if cell.arm == arm]
    found = np.array([(cell.raw, cell.lift) for cell in cells]).reshape(-1, 2)
    raw, lift = found[np.isfinite(found).all(axis=1)].T
    return raw, lift


def spread(report: VideoReport, arm: str, index: int) -> Chart | None:
    """Return the two distributions over one another; None where there is no video with a lift."""
    raw, lift = lifts_of(report, arm)
    if not raw.size:
        return None
    low, high = np.percentile(np.concatenate([raw, lift]), WIDEST)
    edges = np.linspace(low, max(high, low + 0.01), BINS + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    steps, counts = [], {}
    named = (("as counted", raw, 0, "dot"), ("likely", lift, index, "solid"))
    for name, values, column, dash in named:
        counted, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
        counts[name] = counted
        line = {"color": colour_of(column), "width": 2, "dash": dash, "shape": "hvh"}
        hover = "%{x:+.1%}: %{y} videos<extra>" + name + "</extra>"
        steps.append(
            go.Scatter(
                x=centres, y=counted, name=name, mode="lines", line=line, hovertemplate=hover
            )
        )
    x = {"title_text": f"lift of {arm} over the control", "tickformat": "+.0%"}
    y = {"title_text": "videos", "rangemode": "tozero"}
    figure = figure_of(steps, x=x, y=y, shapes=[upright(0)], showlegend=True)
    return Chart(
        "lifts",
        f"Lifts of {arm}, video by video",
        "As counted, chance spreads the lifts wide; what they are likely to be is narrower. The "
        "ends of the axis hold the videos beyond them.",
        figure,
        of_bins("lift", centres, counts),
    )


def quantiles(report: VideoReport, arm: str) -> list[tuple[int, float, float]]:
    """Return percent, raw and likely lift at some of the videos, the chart as a table."""
    raw, lift = lifts_of(report, arm)
    if not raw.size:
        return []
    return list(
        zip(
            QUANTILES,
            np.percentile(raw, QUANTILES).tolist(),
            np.percentile(lift, QUANTILES).tolist(),
            strict=True,
        )
    )
