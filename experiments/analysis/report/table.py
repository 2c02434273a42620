"""The report as a table for spreadsheets: a line an arm."""

from math import nan

from experiments.analysis.report.record import ArmRow, MetricArm, Report
from experiments.analysis.spreadsheet import Cell, as_csv
from experiments.analysis.stats.results import Estimate
from experiments.metrics import METRICS, PRIMARY

FIGURES = ("", "_low", "_high", "_change", "_change_low", "_change_high", "_p_adjusted")
BESIDE = tuple(metric.name for metric in METRICS if metric is not PRIMARY)
HEAD = (
    "experiment", "arm", "videos", "views", "clicks", "mean_views", "mean_clicks",
    "mean_ctr", "mean_ctr_low", "mean_ctr_high", "pooled_ctr", "pooled_ctr_low", "pooled_ctr_high",
    "improvement", "improvement_low", "improvement_high", "p_adjusted", "p_alone", "level",
    "mode", "verdict",
    *(f"{name}{figure}" for name in BESIDE for figure in FIGURES),
)  # fmt: skip


def as_table(report: Report) -> str:
    """Return Table 3 with its intervals, and each metric beside it, as CSV.

    Intervals of improvements are simultaneous. Shares are of 1, times in seconds, sizes in bytes.
    """
    return as_csv(HEAD, (_line(report, arm) for arm in report.arms))


def _line(report: Report, arm: ArmRow) -> tuple[Cell, ...]:
    return (
        report.slug, arm.name, arm.videos, arm.views, arm.clicks, arm.mean_views.value,
        arm.mean_clicks.value, arm.mean_ctr.value, arm.mean_ctr.low, arm.mean_ctr.high,
        arm.pooled_ctr.value, arm.pooled_ctr.low, arm.pooled_ctr.high, *_compared(arm),
        report.level, report.mode.value, report.verdict.kind.value,
        *(figure for name in BESIDE for figure in _beside(report, name, arm.name)),
    )  # fmt: skip


def _compared(arm: ArmRow) -> tuple[float, float, float, float, float]:
    if arm.comparison is None:
        return nan, nan, nan, nan, nan
    found = arm.comparison.simultaneous_improvement
    p_values = arm.comparison.p_value_adjusted, arm.comparison.p_value
    return found.value, found.low, found.high, *p_values


def _beside(report: Report, name: str, arm: str) -> tuple[float, ...]:
    """Return the figures of a metric beside the primary in an arm, as FIGURES names them."""
    (metric,) = (one for one in report.metrics if one.name == name)
    lines: dict[str, MetricArm] = {line.arm: line for line in metric.arms}
    line = lines.get(arm)
    if line is None:
        return (nan,) * len(FIGURES)
    return *_ends(line.mean), *_ends(line.change), line.p_value_adjusted


def _ends(found: Estimate | None) -> tuple[float, float, float]:
    return (found.value, found.low, found.high) if found else (nan, nan, nan)
