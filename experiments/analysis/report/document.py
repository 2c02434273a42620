"""The report as a document for programs: values that JSON can hold; nan and infinity are null.

Shape: every figure that can be undefined comes as {"value", "low", "high", "level", "reason"},
where "reason" is empty or says why a null is null; p-values and standard errors are numbers or
null, with the reason in their comparison's "reason". Times are of UTC, days of the site's clocks,
but those of the course, which are of UTC: up to the end of each, its bands hold at all days and for
all arms together. A metric's means are of its quantity: share, s (seconds) or bytes.

    {"experiment": {"slug", "name", "question", "simulated", "state", "unit", "min_views",
                    "started_at", "ended_at"},
     "made_at", "uncounted", "verdict": {"kind", "arm", "sentence", "wrong": [text],
                 "left": null | {"days", "reason"}},
     "headline", "lights": [{"name", "state", "says"}], "method", "mode", "level", "margin",
     "stopping": {"rule", "sentence", "days", "planned_end", "planned_views", "reached",
                  "ended_early", "before", "look", "next_look", "looks": [day]},
     "videos": {"included", "least_views", "left_out": [{"reason", "videos", "slugs"}],
                "deleted": [slug]},
     "phases": [{"number", "started_at", "ended_at", "ramp", "shares": {arm: share}}],
     "arms": [{"index", "name", "selector", "share", "videos", "views", "clicks",
               "mean_views", "mean_clicks", "mean_ctr", "pooled_ctr",
               "comparison": null | {"arm", "baseline", "videos", "method", "error_term",
                   "difference", "improvement", "standard_error", "df", "statistic", "p_value",
                   "p_value_adjusted", "p_value_holm", "simultaneous_difference",
                   "simultaneous_improvement", "scope", "significant", "reason"},
               "like_these": null | {as "comparison"},
               "by_views": null | {as "comparison"},
               "paper": null | {"mean_views", "mean_clicks", "mean_ctr", "improvement"},
               "standing": null | text, "corrected": null | {"improvement", "stopped", "of"},
               "steps": {step: number or null where it was not recorded}}],
     "metrics": [{"name", "said", "role", "quantity", "higher_is_better", "margin", "reason",
                  "arms": [{"arm", "events", "mean", "change": null | {...}, "p_value",
                            "p_value_adjusted", "holds": null | boolean}]}],
     "srm": {"arms", "observed", "expected", "forbidden", "statistic", "df", "p_value",
             "threshold", "alarm", "reason"},
     "robustness": [{"arm", "baseline", "odds_ratio", "cmh_p_value", "wilcoxon_p_value",
                     "permutation_p_value", "reason"}],
     "variance_reduction": null | {"videos", "reason",
                                   "arms": [{"arm", "improvement", "p_value", "removed"}]},
     "dead_arms": [{"arm", "since", "until", "views", "clicks", "expected", "p_value"}],
     "funnel": null | {"said": [text],
                       "steps": [{"name", "said", "reason",
                                  "baseline", "arms": [{"arm", "share", "change": null | {...},
                                                        "p_value", "note"}]}],
                       "missing": [{"arm", "share", "low", "high"}],
                       "unlike": [{"arm", "baseline", "share", "baseline_share", "improvement",
                                   "moving_alike"}]},
     "prospects": null | {"said": [text], "arm", "seen_now", "seen_at_end", "power_for_margin",
                          "days_to_end", "days_to_margin": null | {"days", "reason"}},
     "days": [{"day", "arm", "views", "clicks", "ctr"}],
     "days_of": {"time_zone", "begins"},
     "course": null | {"reason", "looks": [{"day", "arm", "difference", "improvement", "p_value"}]},
     "two_way": null | {"made_at", "took_s", "sums", "inflation", "units", "crossed", "current",
                        "arms": [{"arm", "improvement", "p_value"}]},
     "not_counted": {"bot_views", "bot_clicks", "bots": [{"rule", "said", "views", "clicks"}],
                     "duplicates", "refused": [{"reason", "events"}],
                     "silent": [{"arm", "given", "silent"}], "crossed_at_login"},
     "viewers": null | {"busiest_share", "busiest_clicks_share", "views_of_pairs",
                        "first_views": [{"arm", "units", "clicks", "mean_ctr",
                                         "improvement": null | {...}, "p_value"}],
                        "overlaps": [{"slug", "viewers", "of_viewers", "pairs"}]},
     "carry_over": [{"arm", "views", "views_moved", "ctr", "ctr_moved", "change": {...},
                     "p_value"}],
     "cuts": null | {"made_at", "current", "time_zone", "views", "of_views", "said": [text],
                     "cuts": [{"name", "title",
                               "slices": [{"name", "said",
                                           "arms": [{"arm", "views", "clicks", "ctr",
                                                     "lift": null | {...}, "p_value",
                                                     "apart": null | {...}, "apart_p_value"}]}],
                               "interactions": [{"arm", "p_value", "p_value_adjusted"}],
                               "fading": [{"arm", "steady", "fade", "p_value"}]}],
                     "pairs": [{as in "cuts"}]},
     "share_course": null | {"said", "units", "days": [day], "p_values", "threshold", "alarm_on",
                             "phases": [{"number", "seen", "expected"}]},
     "realised_errors": [{"kind", "method", "nominal", "rate", "tests", "alarm"}],
     "without_crossed": null | {"units", "left_out", "views", "views_left_out"}}
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import msgspec

from experiments.analysis.confidence_sequences import ConfidenceSequences
from experiments.analysis.report import (
    cut_sentences,
    funnel_sentences,
    lights,
    prospects,
    sentences,
    share_course,
    verdict_sentences,
)
from experiments.analysis.report.not_counted import NotCounted
from experiments.analysis.report.record import ArmRow, LeftOutVideos, Report
from experiments.analysis.stats.results import Comparison

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Document = dict[str, Any]
EXPERIMENT = (
    "slug", "name", "question", "simulated", "state", "unit", "min_views", "started_at", "ended_at",
)  # fmt: skip


def as_json(report: Report, course: ConfidenceSequences | None = None) -> str:
    """Return the report's document as JSON text, one key a line; see as_document."""
    return msgspec.json.format(_encoded(report, course), indent=2).decode() + "\n"


def as_document(report: Report, course: ConfidenceSequences | None = None) -> Document:
    """Return the report as plain values; the shape is that of this module's docstring.

    Args:
        report: the report.
        course: its bands by day; None where they are not read, as without some units.
    """
    document: Document = msgspec.json.decode(_encoded(report, course))
    return document


def _encoded(report: Report, course: ConfidenceSequences | None) -> bytes:
    """Return the document as JSON, in which msgspec writes nan and infinity as null."""
    document = {
        "experiment": {name: getattr(report, name) for name in EXPERIMENT},
        "made_at": report.made_at,
        "uncounted": report.uncounted,
        "verdict": _with(report.verdict, sentence=verdict_sentences.verdict(report)),
        "headline": sentences.headline(report),
        "lights": lights.lights(report),
        "method": report.method,
        "mode": report.mode,
        "level": report.level,
        "margin": report.margin,
        "stopping": _stopping(report),
        "videos": {
            "included": report.included,
            "least_views": report.least_views,
            "left_out": [_group(group) for group in report.left_out],
            "deleted": report.deleted,
        },
        "phases": report.phases,
        "arms": [_arm(arm) for arm in report.arms],
        "metrics": report.metrics,
        "srm": _with(report.srm, alarm=report.srm.alarm),
        "robustness": report.robustness,
        "variance_reduction": report.variance_reduction,
        "dead_arms": report.dead_arms,
        "funnel": report.funnel and _with(report.funnel, said=funnel_sentences.said(report.funnel)),
        "prospects": report.prospects
        and _with(report.prospects, said=prospects.said(report.prospects, report.margin)),
        "days": [
            {
                "day": row.start,
                "arm": row.arm,
                "views": row.views,
                "clicks": row.clicks,
                "ctr": row.ctr,
            }
            for row in report.days
        ],
        "days_of": report.days_of,
        "course": course and _course(course),
        "two_way": report.two_way,
        "not_counted": _not_counted(report.not_counted),
        "viewers": report.viewers,
        "carry_over": report.carry_over,
        "cuts": report.cuts and _with(report.cuts, said=cut_sentences.all_said(report.cuts)),
        "share_course": report.share_course
        and _with(report.share_course, said=share_course.said(report.share_course)),
        "realised_errors": report.realised_errors,
        "without_crossed": report.without_crossed,
    }
    # NumPy's numbers are floats to Python, and not to msgspec.
    return msgspec.json.encode(document, enc_hook=float)


def _course(found: ConfidenceSequences) -> Document:
    looks = [
        {
            "day": day,
            "arm": line.arm,
            "difference": line.simultaneous_difference,
            "improvement": line.simultaneous_improvement,
            "p_value": line.p_value_adjusted,
        }
        for day, look in zip(found.days, found.looks, strict=True)
        for line in look
    ]
    return {"reason": found.reason, "looks": looks}


def _stopping(report: Report) -> Document:
    found = _with(report.stopping, sentence=verdict_sentences.stopping(report))
    del found["horizon"]  # how it is computed, not what it says
    return found


def _group(group: LeftOutVideos) -> Document:
    return {"reason": group.reason, "videos": len(group.slugs), "slugs": group.slugs}


def _not_counted(found: NotCounted) -> Document:
    document = _with(found)
    del document["bot_videos"]
    return document


def _arm(arm: ArmRow) -> Document:
    return _with(
        arm,
        comparison=_comparison(arm.comparison),
        like_these=_comparison(arm.like_these),
        by_views=_comparison(arm.by_views),
    )


def _comparison(compared: Comparison | None) -> Document | None:
    return _with(compared, significant=compared.significant) if compared else None


def _with(record: "DataclassInstance", **more: object) -> Document:
    """Return a record's fields and more."""
    return {field.name: getattr(record, field.name) for field in fields(record)} | more
