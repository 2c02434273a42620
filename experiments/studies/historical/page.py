"""An archive's analysis as one HTML page that needs nothing from elsewhere."""

from html import escape

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from experiments.analysis.stats.per_video import VideoLifts
from experiments.studies.historical.analysis import Analysis, Weeks
from experiments.studies.historical.effects import Effects
from experiments.studies.historical.reading import Reading
from experiments.studies.historical.records import monday
from experiments.studies.historical.text import as_text

GREY, GREEN, RED = "#848b98", "#009e73", "#d55e00"  # as on the site
BINS = 60
WIDEST = 2.0  # effect at which the histogram ends; its last bin holds what is beyond
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>{title}</title>
<style>body {{ font-family: sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
pre {{ overflow-x: auto }}</style>
<script>{script}</script>
<h1>{title}</h1>
{figures}
<h2>Everything in words</h2>
<pre>{text}</pre>
</html>
"""


def as_html(reading: Reading, analysis: Analysis, title: str) -> str:
    """Return the page: the charts that the data allow, and the text."""
    drawn = (
        f"<h2>{escape(name)}</h2><p>{escape(caption)}</p>"
        + figure.to_html(full_html=False, include_plotlyjs=False)
        for name, caption, figure in figures(analysis)
    )
    return _PAGE.format(
        title=escape(title),
        script=get_plotlyjs(),
        figures="\n".join(drawn),
        text=escape(as_text(reading, analysis)),
    )


def figures(analysis: Analysis) -> list[tuple[str, str, go.Figure]]:
    """Return the charts that the data allow, each with its title and what it shows."""
    drawn = []
    if analysis.weeks is not None:
        caption = "Share of each week's tests whose shares do not fit; broken windows are shaded."
        drawn.append(("Mismatched tests by week", caption, by_week(analysis.weeks)))
    if analysis.effects.lifts is not None:
        caption = "Pairs of arms by effect, as counted and drawn towards what all tests say."
        found = spread_of_effects(analysis.effects, analysis.effects.lifts)
        drawn.append(("Effects, raw and shrunk", caption, found))
    return drawn


def by_week(weeks: Weeks) -> go.Figure:
    """Draw the share of each week's tests that are mismatched, the broken windows shaded."""
    x = [str(monday(number)) for number in weeks.numbers.tolist()]
    share = weeks.mismatched / weeks.tests
    text = [f"{m:,} of {n:,} tests" for m, n in zip(weeks.mismatched, weeks.tests, strict=True)]
    figure = go.Figure(go.Bar(x=x, y=share, text=text, textposition="none", marker={"color": GREY}))
    for window in weeks.windows:
        ends = {"x0": str(monday(window.first)), "x1": str(monday(window.last + 1))}
        figure.add_vrect(**ends, fillcolor=RED, opacity=0.15, line_width=0)
    figure.update_layout(
        template="none",
        height=320,
        xaxis={"title": "week of"},
        yaxis={"tickformat": ".0%", "title": "mismatched, share of its tests"},
    )
    return figure


def spread_of_effects(effects: Effects, lifts: VideoLifts) -> go.Figure:
    """Draw how the effects of all pairs are spread, raw and shrunk."""
    edges = np.linspace(-1, WIDEST, BINS + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    raw = effects.raw.value[~np.isnan(effects.raw.value)]
    for name, values, colour in (("raw", raw, GREY), ("shrunk", lifts.lift, GREEN)):
        counted, _ = np.histogram(np.clip(values, -1, WIDEST), bins=edges)
        line = {"color": colour, "shape": "hvh"}
        figure.add_trace(go.Scatter(x=centres, y=counted, name=name, line=line, fill="tozeroy"))
    figure.update_layout(
        template="none",
        height=320,
        xaxis={"tickformat": "+.0%", "title": "click rate over the control's, less 1"},
        yaxis={"title": "pairs"},
    )
    return figure
