"""The gist of a report: what a list of experiments shows of it."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from math import isfinite
from typing import Any

from experiments.analysis.report import lights, sentences, verdict_sentences
from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.stats.results import Comparison

LATEST_DAYS = 7


def gist(report: Report) -> dict[str, Any]:
    """Return what is kept of a report, by the names of the fields of `ReportSummary`."""
    return {
        "verdict": report.verdict.kind.value,
        "sentence": verdict_sentences.verdict(report),
        "headline": sentences.headline(report),
        "ended_early": report.stopping.ended_early,
        "checks": [asdict(light) for light in lights.vital(report)],
        "arms": [_arm(report, arm, arm.comparison) for arm in report.arms if arm.comparison],
        "videos": report.included,
        "days": report.day_count,
        "views": report.views,
        "views_a_day": _views_a_day(report),
    }


def _arm(report: Report, arm: ArmRow, line: Comparison) -> dict[str, object]:
    found, mean = line.simultaneous_improvement, arm.mean_ctr.value + report.control.mean_ctr.value
    gained = arm.by_views.difference.value * arm.views if arm.by_views else None
    error = arm.by_views.standard_error * arm.views if arm.by_views else None
    return {
        "arm": arm.name,
        "improvement": _finite(found.value),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "corrected": arm.corrected.improvement if arm.corrected else None,
        # log(a / b) is about (a - b) over the mean of both.
        "log_ratio_error": _finite(2 * line.standard_error / mean) if mean else None,
        "views": arm.views,
        "clicks_gained": _finite(gained),
        "clicks_gained_error": _finite(error),
        "standing": arm.standing,
    }


def _finite(number: float | None) -> float | None:
    return float(number) if number is not None and isfinite(number) else None


def _views_a_day(report: Report) -> int:
    """Return the mean of the latest days with any view."""
    by_day: Counter[date] = Counter()
    for row in report.days:
        by_day[row.start] += row.views
    latest = [by_day[day] for day in sorted(by_day)[-LATEST_DAYS:]]
    return round(sum(latest) / max(len(latest), 1))
