"""The views of one slice by day and by step of the funnel, where the counts by hour tell them."""

import json
from dataclasses import dataclass, replace
from typing import Any, Self

from experiments.analysis.cuts.kinds import hour_counts_place
from experiments.analysis.kept_counts import site_daily_counts_of
from experiments.analysis.report.funnel import steps
from experiments.analysis.report.record import Report
from server.pages.charts import by_day


@dataclass(frozen=True, slots=True)
class SliceCounts:
    """What happened in a slice.

    Attributes:
        arms: the name of each arm and its events by step; None for a step that is not recorded.
        charts: the days, as the page draws them; none of a single day.
    """

    arms: tuple[tuple[str, dict[str, int | None]], ...]
    charts: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, report: Report, cut: str, part: str) -> Self | None:
        """Return the counts of a slice of a cut; None where they are not kept."""
        place = hour_counts_place(cut, part)
        if place is None:
            return None
        days = tuple(site_daily_counts_of(report.layout, place))
        chart = by_day(replace(report, days=days))
        if chart:
            title = "Day by day, of these views alone"
            chart = replace(chart, name="days-of-slice", title=title)
        return cls(
            tuple((arm.name, steps(days, arm.index)) for arm in report.arms),
            ({"chart": chart, "figure": json.loads(chart.figure.to_json())},) if chart else (),
        )
