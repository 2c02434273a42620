"""The numbers of each chart as a table, for readers who cannot see it and for spreadsheets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import plotly.graph_objects as go

from experiments.analysis.confidence_sequences import ConfidenceSequences
from experiments.analysis.report.formatting import percent, signed_percent, whole
from experiments.analysis.report.record import Report
from experiments.analysis.spreadsheet import Cell, as_csv
from experiments.analysis.stats.results import Estimate

Column = tuple[str, Callable[[Any], str]]  # its name, and how a cell is shown
DAY: Column = ("Day (UTC)", str)
ARM: Column = ("Arm", str)
RATE_LIMITS: tuple[Column, ...] = (("low", percent), ("high", percent))
LIFT_LIMITS: tuple[Column, ...] = (("low", signed_percent), ("high", signed_percent))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers and names, and how to show them."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def head(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _ in self.columns]

    @property
    def shown(self) -> list[list[str]]:
        """The cells as a reader sees them."""
        return [
            [show(cell) for (_, show), cell in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    def as_csv(self) -> str:
        """Return the table for spreadsheets."""
        return as_csv(self.head, self.rows)

    @property
    def as_link(self) -> str:
        """The table for spreadsheets as an address that holds it, where there is no server."""
        return f"data:text/csv;charset=utf-8,{quote(self.as_csv())}"


def of_rates(report: Report) -> Table:
    """Return mCTR by arm with its interval."""
    rows = [(arm.name, *_ends(arm.mean_ctr)) for arm in report.arms]
    return Table((ARM, ("mCTR", percent), *RATE_LIMITS), tuple(rows))


def of_improvements(report: Report) -> Table:
    """Return each arm's improvement with its simultaneous interval."""
    found = [(arm.name, arm.comparison) for arm in report.compared]
    rows = [(name, *_ends(line.simultaneous_improvement)) for name, line in found if line]
    return Table((ARM, ("improvement", signed_percent), *LIFT_LIMITS), tuple(rows))


def of_bands(any_time: ConfidenceSequences) -> Table:
    """Return the difference of each arm after each day, with its band."""
    rows = [
        (day, line.arm, *_ends(line.simultaneous_difference))
        for day, look in zip(any_time.days, any_time.looks, strict=True)
        for line in look
    ]
    columns = ((name, _hundredths) for name in ("difference of mCTR", "low", "high"))
    return Table((DAY, ARM, *columns), tuple(rows))


def _hundredths(share: float) -> str:
    return signed_percent(share, 2)


def of_days(report: Report) -> Table:
    """Return views, clicks and CTR of each day and arm."""
    names = {arm.index: arm.name for arm in report.arms}
    rows = [
        (row.start, names[row.arm], row.views, row.clicks, row.ctr)
        for row in report.days
        if row.views
    ]
    counts: tuple[Column, ...] = (("views", whole), ("clicks", whole), ("CTR", percent))
    day: Column = (f"Day ({report.days_of.said})", str)
    return Table((day, ARM, *counts), tuple(rows))


def of_videos(report: Report) -> Table:
    """Return the CTR of each video in each arm, where they are drawn one by one."""
    rates = report.counts.ctr.tolist()
    rows = [(title, *row) for title, row in zip(report.titles, rates, strict=True)]
    columns = tuple((arm.name, percent) for arm in report.arms)
    return Table((("Video", str), *columns), tuple(rows))


def of_bins(name: str, centres: Iterable[float], counted: Mapping[str, Iterable[float]]) -> Table:
    """Return a histogram: the middle of each bin, and how many are in it by what they are of."""
    columns: tuple[Column, ...] = tuple((of, _whole) for of in counted)
    rows = zip(map(float, centres), *(map(float, each) for each in counted.values()), strict=True)
    return Table(((name, lambda share: signed_percent(share, 2)), *columns), tuple(rows))


def of_figure(figure: go.Figure) -> Table:
    """Return the points of a figure whose traces share their places, shown as its axes do."""
    axis, traces = figure.layout.xaxis, list(figure.data)
    places = [_plain(x) for x in traces[0].x]
    columns: list[Column] = [
        (
            trace.name or figure.layout.yaxis.title.text,
            percent if "%" in (figure.layout.yaxis.tickformat or "") else _whole,
        )
        for trace in traces
    ]
    first: Column = (axis.title.text or "week of", signed_percent if axis.tickformat else str)
    values = [[float(y) for y in trace.y] for trace in traces]
    return Table((first, *columns), tuple(zip(places, *values, strict=True)))


def _plain(place: Any) -> Cell:
    """Return a place of an axis as Python's own text or number."""
    return str(place) if isinstance(place, str) else float(place)


def _ends(found: Estimate) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _whole(number: float) -> str:
    return whole(round(number))
