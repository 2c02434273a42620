"""The report of an experiment, built: read, then estimated once, then put in a record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Any

from django.utils import timezone

from experiments.analysis.layout import Layout
from experiments.analysis.report import sentences, share_course
from experiments.analysis.report.carry_over import read_carry_over
from experiments.analysis.report.corrections import corrected
from experiments.analysis.report.cuts import Cuts, read_cuts
from experiments.analysis.report.days_left import until_told
from experiments.analysis.report.dead_beacons import DeadBeacon, dead_beacons
from experiments.analysis.report.earlier_rates import variance_reduction
from experiments.analysis.report.estimates import estimate_primary
from experiments.analysis.report.funnel import steps
from experiments.analysis.report.funnel_checks import funnel_checks
from experiments.analysis.report.metric_results import judge
from experiments.analysis.report.prospects import prospects
from experiments.analysis.report.reading import Reading, read
from experiments.analysis.report.realised_errors import realised_rates
from experiments.analysis.report.record import (
    ArmRow,
    LeftOutVideos,
    PhaseRow,
    Report,
    TwoWay,
    TwoWayLine,
)
from experiments.analysis.report.share_course import ShareCourse, read_share_course
from experiments.analysis.report.verdict import Kind, Verdict, verdict
from experiments.analysis.report.viewer_facts import viewer_facts
from experiments.analysis.site_days import SiteDays
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import as_strata, compared, estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.results import (
    Comparison,
    Estimate,
    Estimated,
    Method,
    Scope,
)
from experiments.analysis.stats.robustness import BLOCKED, RobustnessChecks, robustness_checks
from experiments.analysis.stats.share_check import share_check, unit_share_check
from experiments.analysis.stats.srm import SampleRatio
from experiments.analysis.stats.standardise import joined
from experiments.analysis.stats.summary import summarise
from experiments.analysis.video_course import kept_looks
from experiments.analysis.viewer_course import Look, course_of
from experiments.models import Experiment
from experiments.paper import printed_rows
from experiments.unit import Unit

NEVER_SHOWN = "never shown to anyone"
SEEN_BY_BOTS = "seen by bots alone"
NOT_ALL_UNITS = "units are left out by the arms that they saw"


def build(experiment: Experiment) -> Report:
    """Return the report of an experiment from the counts rolled up so far."""
    return report_of(experiment, read(experiment))


def report_of(experiment: Experiment, reading: Reading) -> Report:
    """Return the report of an experiment of what was read, be it less than all of it."""
    strata = as_strata(reading.counts)
    least = least_views(strata, experiment.min_views)
    estimated = estimate_primary(reading, least)
    level, stopping = experiment.level, reading.stopping
    comparisons = compare(estimated.mean_ctr, level=level, horizon=stopping.horizon)
    metrics, standings = judge(reading, comparisons, experiment, least)
    arms = _arm_rows(reading, estimated, comparisons, standings, level)
    dead = dead_beacons(reading.layout, reading.days)
    shares = _share_check(reading)
    included = estimated.included
    course = None if reading.left_out else read_share_course(reading.two_way, reading.layout)
    found = _verdict(reading, comparisons, standings, _wrong(shares, course, dead))
    return Report(
        slug=experiment.slug,
        name=experiment.name,
        question=experiment.question,
        simulated=experiment.simulated,
        state=experiment.get_state_display(),
        unit=experiment.get_unit_display(),
        min_views=experiment.min_views,
        started_at=experiment.started_at,
        ended_at=experiment.ended_at,
        made_at=timezone.now(),
        uncounted=reading.uncounted,
        level=level,
        margin=experiment.margin,
        method=estimated.mean_ctr.method,
        mode=stopping.horizon.mode,
        stopping=stopping,
        verdict=_with_days_left(found, reading, estimated, comparisons, experiment),
        phases=_phases(reading.layout),
        arms=arms,
        metrics=metrics,
        least_views=least,
        included=estimated.inclusion.included_videos,
        left_out=_left_out(reading, estimated),
        deleted=reading.deleted,
        srm=shares,
        robustness=_robustness(reading, strata, least),
        variance_reduction=variance_reduction(reading, estimated, least, experiment),
        dead_arms=dead,
        funnel=funnel_checks(reading, {arm.name: arm.mean_ctr.value for arm in arms}, experiment),
        prospects=prospects(estimated, comparisons, stopping, experiment),
        days=() if reading.left_out else reading.days,
        days_of=SiteDays.at(timezone.now()),
        counts=included,
        titles=tuple(reading.videos[pk].title for pk in included.video_ids.tolist()),
        two_way=_two_way(reading),
        not_counted=reading.not_counted,
        viewers=viewer_facts(reading.two_way),
        cuts=None if reading.left_out else _cuts(reading, level),
        carry_over=read_carry_over(reading.two_way, reading.layout.names, level, stopping.horizon),
        course=_course(reading, estimated),
        layout=reading.layout,
        share_course=course,
        realised_errors=realised_rates(reading.two_way),
        without_crossed=reading.left_out,
    )


def _cuts(reading: Reading, level: float) -> Cuts | None:
    horizon = reading.stopping.horizon
    return read_cuts(reading.two_way, reading.layout.watermark, level, horizon)


def _course(reading: Reading, estimated: Estimated) -> tuple[Look, ...]:
    """Return the means after each day where they are kept."""
    if not estimated.mean_ctr.method.needs_viewers:
        return kept_looks(reading.video_course, reading.layout)
    return course_of(reading.two_way.course) if reading.two_way else ()


def _robustness(
    reading: Reading, strata: StratifiedCounts, least: int
) -> tuple[RobustnessChecks, ...]:
    """Return other tests of the comparisons, where the design allows of them."""
    if reading.unit not in BLOCKED:
        return ()
    counts, _ = joined(strata)
    _, columns = compared(counts, reading.unit, least)
    return robustness_checks(counts.arms, columns, reading.unit)


def _verdict(
    reading: Reading,
    comparisons: Sequence[Comparison],
    standings: Mapping[str, Standing],
    wrong: tuple[str, ...],
) -> Verdict:
    better = [line for line in comparisons if standings[line.arm] is Standing.BETTER]
    best = max(better, key=lambda line: line.improvement.value, default=None)
    return verdict(
        standings,
        control=reading.layout.names[0],
        best=best.arm if best else "",
        wrong=wrong,
    )


def _with_days_left(
    found: Verdict,
    reading: Reading,
    estimated: Estimated,
    comparisons: Sequence[Comparison],
    experiment: Experiment,
) -> Verdict:
    if found.kind is not Kind.NOT_ENOUGH:
        return found
    days = reading.stopping.days
    return replace(found, left=until_told(estimated, comparisons, days, experiment))


def _wrong(
    shares: SampleRatio, course: ShareCourse | None, dead: Sequence[DeadBeacon]
) -> tuple[str, ...]:
    """Return what makes the numbers unfit to be read."""
    off = [sentences.share_check(shares)] if shares.alarm else []
    if course and course.alarm_on:
        off.append(share_course.said(course))
    return (*off, *(sentences.dead_arm(arm) for arm in dead))


def _share_check(reading: Reading) -> SampleRatio:
    """Check that the arms got their share of the units that the design assigns."""
    if isinstance(reading.counts, ViewerVideoSums):
        found = unit_share_check(reading.counts, reading.unit)
    else:
        found = share_check(reading.counts, reading.unit)
    return replace(found, p_value=nan, reason=NOT_ALL_UNITS) if reading.left_out else found


def _phases(layout: Layout) -> tuple[PhaseRow, ...]:
    return tuple(
        PhaseRow(
            number=phase.number,
            started_at=phase.started_at,
            ended_at=phase.ended_at,
            ramp=phase.ramp,
            shares=dict(zip(layout.names, shares.tolist(), strict=True)),
        )
        for phase, shares in zip(layout.phases, layout.shares, strict=False)
    )


def _arm_rows(
    reading: Reading,
    estimated: Estimated,
    comparisons: tuple[Comparison, ...],
    standings: Mapping[str, Standing],
    level: float,
) -> tuple[ArmRow, ...]:
    arms = reading.layout.arms
    latest = reading.layout.shares[-1] / max(reading.layout.shares[-1].sum(), 1e-300)
    lines = {line.arm: line for line in comparisons}
    horizon = reading.stopping.horizon
    pooled = compare(estimated.pooled_ctr, level=level, horizon=horizon)
    by_views = {line.arm: line for line in pooled}
    like_these = _like_these(reading, estimated, level)
    likely = corrected(estimated.mean_ctr, comparisons, reading.stopping, level)
    printed = printed_rows([arm.selector for arm in arms])
    return tuple(
        ArmRow(
            index=arm.index,
            name=arm.name,
            selector=arm.selector,
            share=float(share),
            videos=line.videos,
            views=line.views,
            clicks=line.clicks,
            mean_views=line.mean_views,
            mean_clicks=line.mean_clicks,
            mean_ctr=line.mean_ctr,
            pooled_ctr=line.pooled_ctr,
            comparison=lines.get(line.arm),
            like_these=like_these.get(line.arm),
            by_views=by_views.get(line.arm),
            paper=printed.get(arm.selector),
            standing=standings.get(line.arm),
            corrected=likely.get(line.arm),
            steps={} if reading.left_out else steps(reading.days, arm.index),
        )
        for arm, share, line in zip(arms, latest, summarise(estimated, level=level), strict=True)
    )


def _like_these(reading: Reading, estimated: Estimated, level: float) -> dict[str, Comparison]:
    """Return by arm what a few videos say of others like them: little, by their spread alone."""
    few = estimated.mean_ctr.scope is Scope.THESE and estimated.inclusion.included_videos > 1
    if not few or reading.unit is Unit.VIEWER:
        return {}
    paired = estimate(
        reading.counts,
        reading.unit,
        min_views=estimated.inclusion.min_views,
        method=Method.PAIRED_BY_VIDEO,
    )
    found = compare(paired.mean_ctr, level=level, horizon=reading.stopping.horizon)
    return {line.arm: line for line in found}


def _left_out(reading: Reading, estimated: Estimated) -> tuple[LeftOutVideos, ...]:
    groups = [
        LeftOutVideos(group.reason, tuple(reading.videos[pk].slug for pk in group.video_ids))
        for group in estimated.inclusion.left_out
    ]
    unseen = set(reading.videos) - set(estimated.counts.video_ids.tolist())
    by_bots = unseen & reading.not_counted.bot_videos
    for reason, pks in ((SEEN_BY_BOTS, by_bots), (NEVER_SHOWN, unseen - by_bots)):
        slugs = tuple(video.slug for pk, video in reading.videos.items() if pk in pks)
        groups += [LeftOutVideos(reason, slugs)] if slugs else []
    return tuple(groups)


def _two_way(reading: Reading) -> TwoWay | None:
    found = reading.two_way
    if found is None:
        return None
    return TwoWay(
        made_at=found.made_at,
        took_s=found.took_s,
        sums=found.sums,
        inflation=found.inflation,
        units=found.units,
        crossed=found.crossed,
        current=found.watermark == reading.layout.watermark,
        arms=tuple(_two_way_line(line) for line in found.comparisons),
    )


def _two_way_line(line: Mapping[str, Any]) -> TwoWayLine:
    numbers = (line[name] for name in ("improvement", "low", "high", "p_value"))
    value, low, high, p_value = (nan if number is None else number for number in numbers)
    found = Estimate(value, low, high, line["level"], line["reason"])
    return TwoWayLine(line["arm"], found, p_value)
