"""The report as text: the paper's Table 3, aligned, to be read in a terminal and pasted."""

import textwrap

from tabulate import tabulate

from experiments.analysis.report import (
    cut_sentences,
    funnel_sentences,
    lights,
    not_counted,
    prospects,
    realised_errors,
    sentences,
    share_course,
    verdict_sentences,
)
from experiments.analysis.report.formatting import (
    UNDEFINED,
    amount,
    amounts,
    interval,
    mean,
    p_value,
    p_value_of,
    percent,
    signed_percent,
    whole,
)
from experiments.analysis.report.other_tests import other_tests
from experiments.analysis.report.record import ArmRow, MetricArm, MetricResult, Report
from experiments.analysis.stats.results import SAME_IN_EVERY_VIDEO
from experiments.metrics import Quantity
from experiments.paper import PrintedRow

WIDTH = 100
ABSENT = "-"


def as_text(report: Report) -> str:
    """Return the report as lines of text; numbers that are nan say why below the table."""
    parts = (
        _title(report),
        _wrapped(sentences.without_crossed(report)),
        _wrapped(_health(report)),
        _wrapped(verdict_sentences.verdict(report)),
        _wrapped(sentences.headline(report)),
        "\n".join(_vetoes(report)),
        _wrapped(verdict_sentences.stopping(report)),
        _table(report),
        *map(_metric, report.metrics),
        "\n".join(_notes(report)),
        "\n".join(_reasons(report)),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(report: Report) -> str:
    lines = [f"{report.name} ({report.slug}), {report.state}"]
    if report.simulated:
        lines.append(_wrapped(f"SIMULATED: {report.simulated}"))
    return "\n".join(lines)


def _health(report: Report) -> str:
    """Return every light in words: its name, how it stands, and what it saw."""
    found = (
        ": ".join(filter(None, (f"{light.name} {light.state}", light.says.rstrip("."))))
        for light in lights.lights(report)
    )
    return f"Health: {'; '.join(found)}."


def _table(report: Report) -> str:
    level = percent(report.level, 0)
    head = [
        "", "mPV", "mClick", "mCTR", f"{level} interval", "pooled CTR", "improvement",
        f"{level} interval", "p adjusted", "p alone",
    ]  # fmt: skip
    rows = [head, *(_arm_cells(arm) for arm in report.arms)]
    printed = [_paper_cells(arm.name, arm.paper) for arm in report.arms if arm.paper is not None]
    lines = _aligned([*rows, *printed]).splitlines()
    if printed:
        lines.insert(len(rows), "as printed in the paper:")
    return "\n".join(lines)


def _aligned(rows: list[list[str]]) -> str:
    return tabulate(
        rows,
        tablefmt="plain",
        colalign=["left", *["right"] * (len(rows[0]) - 1)],
        disable_numparse=True,
        preserve_whitespace=True,
    )


def _vetoes(report: Report) -> list[str]:
    found = [sentences.veto(report, arm) for arm in report.compared]
    return [_wrapped(veto) for veto in found if veto]


def _metric(metric: MetricResult) -> str:
    """Return a metric beside the primary: what it is, and a line an arm."""
    title = f"{metric.said.capitalize()} ({metric.role}). {sentences.about_metric(metric)}"
    if metric.reason:
        return _wrapped(title)
    head = ["", "events", "mean", "interval", "change", "interval", "p", "guardrail"]
    rows = [_metric_cells(line, metric.quantity) for line in metric.arms]
    return f"{_wrapped(title)}\n{_aligned([head, *rows])}"


def _metric_cells(line: MetricArm, quantity: Quantity) -> list[str]:
    change = line.change
    return [
        line.arm,
        whole(line.events),
        amount(line.mean.value, quantity),
        amounts(line.mean, quantity),
        signed_percent(change.value) if change else ABSENT,
        interval(change, 1, signed=True) if change else ABSENT,
        p_value_of(line.p_value_adjusted, change) if change else ABSENT,
        sentences.kept(line) or ABSENT,
    ]


def _arm_cells(arm: ArmRow) -> list[str]:
    return [
        arm.name,
        mean(arm.mean_views.value),
        mean(arm.mean_clicks.value),
        percent(arm.mean_ctr.value),
        interval(arm.mean_ctr),
        percent(arm.pooled_ctr.value),
        *_comparison_cells(arm),
    ]


def _comparison_cells(arm: ArmRow) -> list[str]:
    comparison = arm.comparison
    if comparison is None:
        return [ABSENT] * 4
    return [
        signed_percent(comparison.improvement.value),
        interval(comparison.simultaneous_improvement, 1, signed=True),
        p_value(comparison.p_value_adjusted).removeprefix("= "),
        p_value(comparison.p_value).removeprefix("= "),
    ]


def _paper_cells(name: str, paper: PrintedRow) -> list[str]:
    control = paper.improvement != paper.improvement
    return [
        f"  {name}",
        mean(paper.mean_views),
        mean(paper.mean_clicks),
        percent(paper.mean_ctr),
        ABSENT,
        ABSENT,
        ABSENT if control else signed_percent(paper.improvement),
        ABSENT,
        ABSENT,
        ABSENT,
    ]


def _notes(report: Report) -> list[str]:
    included, left_out = whole(report.included), whole(report.left_out_videos)
    notes = [f"Videos: {included} included, {left_out} left out"]
    notes += [f"  {whole(len(group.slugs))}: {group.reason}" for group in report.left_out]
    notes.append(f"  {sentences.inclusion(report)}")
    return [
        *notes,
        *filter(None, [sentences.deleted(report)]),
        f"Design: assigned by {report.unit}; test: {report.method.value}; {report.mode.value}",
        "  Intervals of the improvement are simultaneous over the arms and agree with p adjusted.",
        *(_wrapped(line) for line in map(sentences.like_these, report.arms) if line),
        *(_wrapped(line) for line in map(sentences.by_views, report.arms) if line),
        *map(_wrapped, prospects.said(report.prospects, report.margin)),
        *map(_wrapped, other_tests(report)),
        *_changed_shares(report),
        _wrapped(f"Traffic: {sentences.share_check(report.srm)}"),
        *([_wrapped(share_course.said(report.share_course))] if report.share_course else []),
        *map(_wrapped, funnel_sentences.said(report.funnel)),
        *map(_wrapped, not_counted.all_said(report.not_counted)),
        *map(_wrapped, sentences.of_viewers(report)),
        *map(_wrapped, filter(None, [sentences.two_way(report)])),
        *map(_wrapped, map(realised_errors.said, report.realised_errors)),
        *map(_wrapped, cut_sentences.all_said(report.cuts)),
        f"{sentences.moment(report)}.",
    ]


def _changed_shares(report: Report) -> list[str]:
    said = sentences.changed_shares(report)
    return [_wrapped(said), *(f"  {sentences.phase(p)}" for p in report.phases)] if said else []


def _reasons(report: Report) -> list[str]:
    found = [
        f"{UNDEFINED}: {name} of {arm.name}: {reason}"
        for arm in report.arms
        for name, reason in sentences.reasons(arm)
    ]
    found += [
        f"{UNDEFINED}: change of {metric.said} of {line.arm}: {line.change.reason}"
        for metric in report.metrics
        for line in metric.arms
        if line.change and line.change.reason not in {"", SAME_IN_EVERY_VIDEO}
    ]
    return [_wrapped(line) for line in found]


def _wrapped(sentence: str) -> str:
    return "\n".join(textwrap.wrap(sentence, WIDTH, subsequent_indent="  "))
