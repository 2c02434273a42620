"""Sentences that say what a report found, the same in text, pages and documents."""

from math import isnan, nan

from experiments.analysis.report import carry_over
from experiments.analysis.report.dead_beacons import DeadBeacon
from experiments.analysis.report.formatting import (
    UNDEFINED,
    interval,
    p_value,
    percent,
    signed_percent,
    whole,
)
from experiments.analysis.report.not_counted import beside_nothing
from experiments.analysis.report.record import (
    ArmRow,
    MetricArm,
    MetricResult,
    PhaseRow,
    Report,
)
from experiments.analysis.report.verdict_sentences import correction, luck
from experiments.analysis.report.viewer_facts import (
    by_first_views,
    concentration,
    seen_elsewhere,
)
from experiments.analysis.site_days import site_minute
from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.records import CONTROL
from experiments.analysis.stats.results import (
    NEVER_TOGETHER,
    Comparison,
    Estimate,
    Method,
    Mode,
    Scope,
)
from experiments.analysis.stats.srm import SampleRatio
from experiments.metrics import NOT_LOADED, Quantity, Role
from experiments.paper import TABLE_3


def headline(report: Report) -> str:
    """Return what the experiment found, saying so where it is simulated."""
    found = _best_finding(report)
    return f"Simulated: {found}" if report.simulated else found


def finding(report: Report, arm: ArmRow) -> str:
    """Return what one arm's comparison found."""
    comparison = arm.comparison
    if comparison is None or comparison.reason:
        why = comparison.reason if comparison else "the control"
        return f"{arm.name} is not compared: {why}."
    found = comparison.simultaneous_improvement
    size, control = percent(abs(found.value), 1), report.control.name
    rises = found.value >= 0
    if comparison.significant:
        said = f"{arm.name} {'lifts' if rises else 'lowers'} mCTR by {size} against {control}"
    else:
        way = "higher" if rises else "lower"
        said = f"{arm.name} shows no clear difference to {control}: its mCTR is {size} {way}"
    return (
        f"{said} ({percent(found.level, 0)} interval {interval(found, 1, signed=True)}), "
        f"{_over(comparison)}; p {p_value(comparison.p_value_adjusted)}."
    )


def like_these(arm: ArmRow) -> str:
    """Return what an arm's few videos say of others like them; empty where they are not few."""
    comparison = arm.like_these
    if comparison is None:
        return ""
    shown = interval(comparison.simultaneous_improvement, 1, signed=True)
    said = f"it could be {shown}" if shown != UNDEFINED else "nothing can be said"
    return (
        f"This is about {_videos(comparison)}. For other videos like them, {said}: more videos "
        "would tell."
    )


def by_views(arm: ArmRow) -> str:
    """Return what a comparison is where every view counts alike; empty where there is none."""
    found = arm.by_views
    if found is None or arm.comparison is None or arm.comparison.reason:
        return ""
    if found.reason:
        return f"{arm.name} is not compared with every view counting alike: {found.reason}."
    shown = found.simultaneous_improvement
    return (
        f"With every view counting alike, not every video: {arm.name} "
        f"{signed_percent(shown.value)} ({interval(shown, 1, signed=True)}), "
        f"p {p_value(found.p_value_adjusted)}."
    )


def inclusion(report: Report) -> str:
    """Return which videos count."""
    views = f"{whole(report.least_views)} view{'s' * (report.least_views != 1)}"
    said = f"A video counts only where every arm has at least {views} of it"
    if report.least_views == report.min_views:
        return f"{said}."
    return f"{said}, enough to expect one click: with fewer, its click rate is mere noise."


def changed_shares(report: Report) -> str:
    """Return how arms are compared where their shares changed; empty where they never did."""
    if len({tuple(phase.shares.values()) for phase in report.phases}) < 2:
        return ""
    return (
        "The arms' shares changed. So arms are compared within times of equal shares only, and no "
        "arm gains by the days on which it was shown more."
    )


def phase(row: PhaseRow) -> str:
    """Return a phase with its shares in one line."""
    shares = ", ".join(f"{arm} {percent(share, 0)}" for arm, share in row.shares.items())
    return f"phase {row.number}, since {site_minute(row.started_at)}: {shares}"


def veto(report: Report, arm: ArmRow) -> str:
    """Return which guardrails an arm that wins is not shown to keep; empty where it keeps all."""
    if arm.standing is not Standing.GUARDED:
        return ""
    broken = [
        f"{metric.said} (at most {percent(metric.margin, 0)} worse)"
        for metric in report.metrics
        for line in metric.arms
        if line.arm == arm.name and line.holds is False
    ]
    return (
        f"{arm.name} lifts mCTR, but is not shown to keep {' and '.join(broken)}: "
        "look at the guardrails before you choose it."
    )


def about_metric(metric: MetricResult) -> str:
    """Return what a metric's figures are, and why there are none."""
    if metric.reason:
        return f"Not compared: {metric.reason}."
    direction = "more" if metric.higher_is_better else "less"
    said = f"The mean over videos of {metric.said}; {direction} is better."
    if metric.quantity is Quantity.BYTES:
        said += (
            " A view weighs as much as its video's picture, in the file that every browser shows; "
            "it is known, so that the interval is about videos like these."
        )
    if metric.name == NOT_LOADED.name:
        said += " A picture that fails is one, as is one whose page was left before it came near."
    if metric.role is Role.GUARDRAIL:
        said += (
            f" An arm keeps it where it is shown to be at most {percent(metric.margin, 0)} worse "
            "than the control."
        )
    return said


def kept(line: MetricArm) -> str:
    """Return whether an arm keeps a guardrail; empty for the control and for other metrics."""
    if line.change is None or line.holds is None:
        return ""
    return "kept" if line.holds else "not shown"


def share_check(srm: SampleRatio) -> str:
    """Return what the sample-ratio check found, in one sentence."""
    strays = sum(srm.forbidden)
    if strays:
        return f"{whole(strays)} units are in an arm of weight 0: the assignment is broken."
    if srm.reason:
        return f"The arms' shares are not checked: {srm.reason}."
    p = f"p {p_value(srm.p_value)}"
    if srm.mismatch:
        return f"The arms did not get their share of the traffic ({p}): find out why first."
    return f"The arms got their share of the traffic ({p})."


def dead_arm(arm: DeadBeacon) -> str:
    """Return that an arm's clicks are missing, and what to look at."""
    clicks = f"{whole(arm.clicks)} click{'s' * (arm.clicks != 1)}" if arm.clicks else "no click"
    return (
        f"{arm.arm} has {clicks} in {whole(arm.views)} views{_days(arm)}, where "
        f"{whole(round(arm.expected))} were to be expected (p {p_value(arm.p_value)}). Dead "
        "beacon? Check that pages send the clicks of this arm before you believe anything said of "
        "it."
    )


def _days(arm: DeadBeacon) -> str:
    since = f" since {arm.since}" if arm.since else ""
    return f"{since} until {arm.until}" if arm.until else since


def two_way(report: Report) -> str:
    """Return what the two-way error says, what it cost, and of which counts it is.

    Its intervals are those of one look, so that they are told at the planned end alone.
    """
    found = report.two_way
    if found is None or report.without_crossed:
        return ""
    arms = "; ".join(
        f"{line.arm} {signed_percent(line.improvement.value)} "
        f"({interval(line.improvement, 1, signed=True)}), p {p_value(line.p_value)}"
        for line in found.arms
    )
    of = "these counts" if found.current else "older counts; it is renewed from time to time"
    once = report.mode is Mode.FIXED_HORIZON
    said = (
        f"With the error by viewer and video at once: {arms}. It was"
        if once
        else ("The error by viewer and video at once was")
    )
    return (
        f"{said} computed at "
        f"{site_minute(found.made_at)} in {found.took_s:,.0f} s from {whole(found.sums)} "
        f"sums by viewer, video and arm, of {of}."
    )


def heavy_viewers(report: Report) -> str:
    """Return how busy a few viewers are, and what they add to the error, if that is known."""
    busiest, found = concentration(report.viewers), report.two_way
    if report.method is not Method.PAIRED_BY_VIDEO or not report.included:
        return busiest
    if found is None:
        return (
            "What viewers who watch much add to the error is not computed yet. Until it is, "
            "intervals may be too narrow."
        )
    if found.inflation < 1.1:
        return busiest
    widened = (
        "Viewers who watch much make the error larger: intervals are "
        f"{found.inflation**0.5:.1f} times as wide as the videos alone would say."
    )
    return f"{busiest} {widened}".strip()


def crossover(report: Report) -> str:
    """Return how many units were seen in two arms; empty where none was, or nobody counted."""
    found = report.two_way
    if found is None or not found.crossed:
        return ""
    share = percent(found.crossed / found.units, 1)
    return (
        f"{whole(found.crossed)} of {whole(found.units)} units ({share}) were seen in two arms: "
        "each change of shares moves some. Their clicks count for the arm that was shown."
    )


def deleted(report: Report) -> str:
    """Return how many videos are gone whose counts stay; empty where none is."""
    number = len(report.deleted)
    if not number:
        return ""
    videos = "video was" if number == 1 else "videos were"
    named = ", ".join(report.deleted[:3]) + (" and others" if number > 3 else "")
    return f"{whole(number)} {videos} deleted since, and the counts stay: here {named}."


def without_crossed(report: Report) -> str:
    """Return what the report leaves out and what that may do; empty where it leaves out no unit."""
    found = report.without_crossed
    if found is None:
        return ""
    share = percent(found.left_out / max(found.units, 1), 1)
    return (
        f"Without the {whole(found.left_out)} of {whole(found.units)} units ({share}) that were "
        f"seen in two arms, and their {whole(found.views_left_out)} of {whole(found.views)} views. "
        "This can bias: who comes often is seen in two arms more easily, so the arms are left with "
        "different viewers. The report of all units is the one to decide by."
    )


def of_viewers(report: Report) -> list[str]:
    """Return all that is known of viewers, a sentence or two each; it is of all units."""
    if report.without_crossed:
        return []
    said = (
        heavy_viewers(report),
        crossover(report),
        *map(carry_over.said, report.carry_over),
        by_first_views(report.viewers, once=report.mode is Mode.FIXED_HORIZON),
        seen_elsewhere(report.viewers),
    )
    return [each for each in said if each]


def about_paper() -> str:
    """Return what the lines of the paper are, and where they do not agree with one another."""
    control, second, _ = TABLE_3.values()
    before, after = f"{100 * control.mean_ctr:.2f}", f"{100 * second.mean_ctr:.2f}"
    ratio = percent(second.mean_ctr / control.mean_ctr - 1, 1)
    return (
        "As printed in Table 3 of “GIF Thumbnails: Attract More Clicks to Your Videos” (AAAI "
        "2021), which gives no interval and no p-value. Its "
        f"{percent(second.improvement, 1)} is not quite what its own mCTR column gives: {after} / "
        f"{before} − 1 is {ratio}."
    )


def moment(report: Report) -> str:
    """Return of when the counts are, and whether there is more to come."""
    newer = "; newer events await the next count" if report.uncounted else ""
    return f"Counts as of {site_minute(report.made_at)}{newer}"


def reasons(arm: ArmRow) -> list[tuple[str, str]]:
    """Return why figures of an arm, or their intervals, are undefined, each reason once."""
    figures = [
        ("mPV", arm.mean_views),
        ("mClick", arm.mean_clicks),
        ("mCTR", arm.mean_ctr),
        ("pooled CTR", arm.pooled_ctr),
    ]
    if arm.comparison is not None:
        figures.append(("improvement", arm.comparison.improvement))
    elif arm.index != CONTROL:
        figures.append(("improvement", Estimate(nan, nan, nan, arm.mean_ctr.level, NEVER_TOGETHER)))
    found: dict[str, list[str]] = {}
    for name, estimate in figures:
        if estimate.reason:
            missing = name if isnan(estimate.value) else f"interval of {name}"
            found.setdefault(estimate.reason, []).append(missing)
    return [(", ".join(names), reason) for reason, names in found.items()]


def _best_finding(report: Report) -> str:
    if not report.included:
        nothing = "No comparison yet: no video has been seen often enough in every arm."
        return " ".join(filter(None, (nothing, beside_nothing(report.not_counted))))
    best = report.best
    if best is None:
        reasons = {arm.comparison.improvement.reason for arm in report.compared if arm.comparison}
        return f"No comparison yet: {'; '.join(sorted(reasons))}."
    return " ".join(filter(None, (finding(report, best), correction(best) or luck(report, best))))


def _over(comparison: Comparison) -> str:
    videos = _videos(comparison)
    return f"on {videos}" if comparison.scope is Scope.THESE else f"over {videos}"


def _videos(comparison: Comparison) -> str:
    return f"{whole(comparison.videos)} {'video' if comparison.videos == 1 else 'videos'}"
