"""The report of an experiment, built: read, then estimated once, then put in a record."""

from collections.abc import Mapping
from dataclasses import replace
from math import nan
from typing import Any

from django.utils import timezone

from experiments.analysis.layout import Layout
from experiments.analysis.report.estimates import estimate_metric
from experiments.analysis.report.funnel import steps
from experiments.analysis.report.metric_results import judge
from experiments.analysis.report.reading import Reading, read
from experiments.analysis.report.record import (
    ArmRow,
    LeftOutVideos,
    PhaseRow,
    Report,
    TwoWay,
    TwoWayLine,
)
from experiments.analysis.report.viewer_facts import viewer_facts
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.dead_arm import dead_arms
from experiments.analysis.stats.engine import as_strata, estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.metrics import Verdict
from experiments.analysis.stats.records import LEVEL, ViewerVideoSums
from experiments.analysis.stats.results import (
    Comparison,
    Estimate,
    Estimated,
    Method,
    Mode,
    Scope,
)
from experiments.analysis.stats.share_check import share_check, unit_share_check
from experiments.analysis.stats.srm import SampleRatio
from experiments.analysis.stats.summary import summarise
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
    estimated = estimate_metric(reading, reading.counts, least)
    comparisons = compare(estimated.mean_ctr)
    metrics, verdicts = judge(reading, comparisons, least)
    shares = _share_check(reading)
    included = estimated.included
    ended = experiment.state == Experiment.State.ENDED
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
        level=LEVEL,
        method=estimated.mean_ctr.method,
        mode=Mode.FIXED_HORIZON if ended else Mode.PROVISIONAL,
        phases=_phases(reading.layout),
        arms=_arm_rows(reading, estimated, comparisons, verdicts),
        metrics=metrics,
        least_views=least,
        included=estimated.inclusion.included_videos,
        left_out=_left_out(reading, estimated),
        srm=shares,
        dead_arms=dead_arms(strata),
        days=() if reading.left_out else reading.days,
        counts=included,
        titles=tuple(reading.videos[pk].title for pk in included.video_ids.tolist()),
        two_way=_two_way(reading),
        not_counted=reading.not_counted,
        viewers=viewer_facts(reading.two_way),
        without_crossed=reading.left_out,
    )


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
    verdicts: Mapping[str, Verdict],
) -> tuple[ArmRow, ...]:
    arms = reading.layout.arms
    latest = reading.layout.shares[-1] / max(reading.layout.shares[-1].sum(), 1e-300)
    compared = {line.arm: line for line in comparisons}
    by_views = {line.arm: line for line in compare(estimated.pooled_ctr)}
    like_these = _like_these(reading, estimated)
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
            comparison=compared.get(line.arm),
            like_these=like_these.get(line.arm),
            by_views=by_views.get(line.arm),
            paper=printed.get(arm.selector),
            verdict=verdicts.get(line.arm),
            steps={} if reading.left_out else steps(reading.days, arm.index),
        )
        for arm, share, line in zip(arms, latest, summarise(estimated), strict=True)
    )


def _like_these(reading: Reading, estimated: Estimated) -> dict[str, Comparison]:
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
    return {line.arm: line for line in compare(paired.mean_ctr)}


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
