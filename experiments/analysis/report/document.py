"""The report as a document for programs: values that JSON can hold; nan and infinity are null.

Shape: every figure that can be undefined comes as {"value", "low", "high", "level", "reason"},
where "reason" is empty or says why a null is null; p-values and standard errors are numbers or
null, with the reason in their comparison's "reason".

    {"experiment": {"slug", "name", "question", "simulated", "state", "unit", "min_views",
                    "started_at", "ended_at"},
     "made_at", "uncounted", "headline", "method", "mode",
     "videos": {"included", "left_out": [{"reason", "videos", "slugs"}]},
     "arms": [{"index", "name", "selector", "share", "videos", "views", "clicks",
               "mean_views", "mean_clicks", "mean_ctr", "pooled_ctr",
               "comparison": null | {...}, "paper": null | {...}, "steps": {step: number}}],
     "srm": {"observed", "expected", "forbidden", "statistic", "df", "p_value", "threshold",
             "alarm", "reason"},
     "days": [{"day", "arm", "views", "clicks"}],
     "two_way": null | {"made_at", "took_s", "sums", "current",
                        "arms": [{"arm", "improvement", "p_value"}]}}
"""

import json
from datetime import datetime
from math import isfinite
from typing import Any

from experiments.analysis.queries import DailyCount
from experiments.analysis.report.record import ArmRow, Report, TwoWay
from experiments.analysis.report.sentences import headline
from experiments.analysis.stats.results import Comparison, Estimate
from experiments.analysis.stats.srm import SampleRatio
from experiments.paper import PrintedRow

Document = dict[str, Any]


def as_json(report: Report) -> str:
    """Return the report's document as JSON text, one key a line."""
    return json.dumps(as_document(report), indent=2, allow_nan=False) + "\n"


def as_document(report: Report) -> Document:
    """Return the report as plain values; the shape is that of this module's docstring."""
    return {
        "experiment": _experiment(report),
        "made_at": _time(report.made_at),
        "uncounted": report.uncounted,
        "headline": headline(report),
        "method": report.method.value,
        "mode": report.mode.value,
        "videos": {
            "included": report.included,
            "left_out": [
                {"reason": group.reason, "videos": len(group.slugs), "slugs": list(group.slugs)}
                for group in report.left_out
            ],
        },
        "arms": [_arm(arm) for arm in report.arms],
        "srm": _srm(report.srm),
        "days": [_day(row) for row in report.days],
        "two_way": _two_way(report.two_way) if report.two_way else None,
    }


def _experiment(report: Report) -> Document:
    return {
        "slug": report.slug,
        "name": report.name,
        "question": report.question,
        "simulated": report.simulated,
        "state": report.state,
        "unit": report.unit,
        "min_views": report.min_views,
        "started_at": _time(report.started_at),
        "ended_at": _time(report.ended_at),
    }


def _arm(arm: ArmRow) -> Document:
    return {
        "index": arm.index,
        "name": arm.name,
        "selector": arm.selector,
        "share": arm.share,
        "videos": arm.videos,
        "views": arm.views,
        "clicks": arm.clicks,
        "mean_views": _estimate(arm.mean_views),
        "mean_clicks": _estimate(arm.mean_clicks),
        "mean_ctr": _estimate(arm.mean_ctr),
        "pooled_ctr": _estimate(arm.pooled_ctr),
        "comparison": _comparison(arm.comparison) if arm.comparison else None,
        "paper": _paper(arm.paper) if arm.paper else None,
        "steps": dict(arm.steps),
    }


def _comparison(comparison: Comparison) -> Document:
    return {
        "baseline": comparison.baseline,
        "videos": comparison.videos,
        "method": comparison.method.value,
        "error_term": comparison.error_term,
        "difference": _estimate(comparison.difference),
        "improvement": _estimate(comparison.improvement),
        "simultaneous_difference": _estimate(comparison.simultaneous_difference),
        "simultaneous_improvement": _estimate(comparison.simultaneous_improvement),
        "standard_error": _number(comparison.standard_error),
        "df": _number(comparison.df),
        "statistic": _number(comparison.statistic),
        "p_value": _number(comparison.p_value),
        "p_value_adjusted": _number(comparison.p_value_adjusted),
        "p_value_holm": _number(comparison.p_value_holm),
        "significant": comparison.significant,
        "reason": comparison.reason,
    }


def _estimate(estimate: Estimate) -> Document:
    return {
        "value": _number(estimate.value),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
        "level": estimate.level,
        "reason": estimate.reason,
    }


def _paper(paper: PrintedRow) -> Document:
    return {
        "mean_views": paper.mean_views,
        "mean_clicks": paper.mean_clicks,
        "mean_ctr": paper.mean_ctr,
        "improvement": _number(paper.improvement),
    }


def _srm(srm: SampleRatio) -> Document:
    return {
        "observed": list(srm.observed),
        "expected": list(srm.expected),
        "forbidden": list(srm.forbidden),
        "statistic": _number(srm.statistic),
        "df": srm.df,
        "p_value": _number(srm.p_value),
        "threshold": srm.threshold,
        "alarm": srm.alarm,
        "reason": srm.reason,
    }


def _day(row: DailyCount) -> Document:
    return {"day": row.day.isoformat(), "arm": row.arm, "views": row.views, "clicks": row.clicks}


def _two_way(found: TwoWay) -> Document:
    return {
        "made_at": _time(found.made_at),
        "took_s": found.took_s,
        "sums": found.sums,
        "current": found.current,
        "arms": [
            {
                "arm": line.arm,
                "improvement": _estimate(line.improvement),
                "p_value": _number(line.p_value),
            }
            for line in found.lines
        ],
    }


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
