"""The report as a table for spreadsheets: a line an arm."""

from math import nan

from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.spreadsheet import Cell, as_csv

HEAD = (
    "experiment", "arm", "videos", "views", "clicks", "mean_views", "mean_clicks",
    "mean_ctr", "mean_ctr_low", "mean_ctr_high", "pooled_ctr", "pooled_ctr_low", "pooled_ctr_high",
    "improvement", "improvement_low", "improvement_high", "p_adjusted", "p_alone", "level",
    "mode", "verdict",
)  # fmt: skip


def as_table(report: Report) -> str:
    """Return Table 3 with its intervals, as CSV; intervals of improvements are simultaneous."""
    return as_csv(HEAD, (_line(report, arm) for arm in report.arms))


def _line(report: Report, arm: ArmRow) -> tuple[Cell, ...]:
    return (
        report.slug, arm.name, arm.videos, arm.views, arm.clicks, arm.mean_views.value,
        arm.mean_clicks.value, arm.mean_ctr.value, arm.mean_ctr.low, arm.mean_ctr.high,
        arm.pooled_ctr.value, arm.pooled_ctr.low, arm.pooled_ctr.high, *_compared(arm),
        report.level, report.mode.value, report.verdict.kind.value,
    )  # fmt: skip


def _compared(arm: ArmRow) -> tuple[float, float, float, float, float]:
    if arm.comparison is None:
        return nan, nan, nan, nan, nan
    found = arm.comparison.simultaneous_improvement
    p_values = arm.comparison.p_value_adjusted, arm.comparison.p_value
    return found.value, found.low, found.high, *p_values
