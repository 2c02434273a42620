"""Builds the report of an experiment: queries, then the statistics that its design calls for."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import ArrayLike

from experiments.analysis import queries
from experiments.analysis.report.paper import table_3_rows
from experiments.analysis.report.record import ArmRow, LeftOutVideos, Report, TwoWay, TwoWayLine
from experiments.analysis.stats.engine import compare_arms, summarise_arms
from experiments.analysis.stats.records import IntArray, VideoCounts, ViewerVideoCells
from experiments.analysis.stats.results import (
    ArmSummary,
    Comparison,
    ComparisonSet,
    Estimate,
    Inclusion,
    Summary,
)
from experiments.analysis.stats.srm import SampleRatio, combined, srm
from experiments.analysis.stats.srm_slices import srm_by_video
from experiments.analysis.stats.two_way import CodedCells
from experiments.models import Arm, Arrival, Experiment, TwoWayError, Video
from experiments.unit import Unit

LEVEL = 0.95
NEVER_SHOWN = "never shown to anyone"


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What was counted: by video and arm, and by viewer too where the design asks for it."""

    unit: Unit
    counts: VideoCounts
    cells: ViewerVideoCells | None


def build(experiment: Experiment) -> Report:
    """Return the report of an experiment from the counts rolled up so far."""
    data = _counted(experiment)
    ended = experiment.state == Experiment.State.ENDED
    summary, compared = _judged(data, experiment.min_views, ended=ended)
    arms = list(experiment.arms.order_by("index"))
    steps = queries.step_totals(experiment.pk)
    included = data.counts.where(summary.inclusion.included)
    named = _named_videos(experiment, data.counts)
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
        uncounted=Arrival.objects.exists(),
        level=LEVEL,
        method=compared.method,
        mode=compared.mode,
        arms=_arm_rows(arms, summary.arms, compared.comparisons, steps),
        included=summary.inclusion.included_videos,
        left_out=_left_out(named, data.counts, summary.inclusion),
        srm=_shares(experiment, data, arms),
        days=tuple(queries.daily_counts(experiment.pk)),
        counts=included,
        two_way=_two_way(experiment),
        titles=tuple(named[pk].title for pk in included.video_ids.tolist()),
    )


def _two_way(experiment: Experiment) -> TwoWay | None:
    """Return the two-way error as it was last computed."""
    found = TwoWayError.objects.filter(experiment=experiment).first()
    if found is None:
        return None
    return TwoWay(
        made_at=found.made_at,
        took_s=found.took_s,
        cells=found.cells,
        current=found.watermark == queries.watermark(experiment.pk),
        lines=tuple(_two_way_line(line) for line in found.comparisons),
    )


def _two_way_line(line: Mapping[str, Any]) -> TwoWayLine:
    numbers = (line[name] for name in ("improvement", "low", "high", "p_value"))
    value, low, high, p_value = (nan if number is None else number for number in numbers)
    found = Estimate(value, low, high, line["level"], line["reason"])
    return TwoWayLine(line["arm"], found, p_value)


def _counted(experiment: Experiment) -> Counted:
    """Return the counts; with viewers as units, from the events themselves."""
    unit = Unit(experiment.unit)
    if unit is not Unit.VIEWER:
        return Counted(unit, queries.video_counts(experiment.pk), None)
    cells = queries.viewer_video_cells(experiment.pk)
    return Counted(unit, CodedCells.of(cells).counts(), cells)


def _judged(data: Counted, min_views: int, *, ended: bool) -> tuple[Summary, ComparisonSet]:
    """Return every arm's figures, and its comparison to the control by the honest test."""
    summary = summarise_arms(
        data.counts, data.unit, cells=data.cells, min_views=min_views, level=LEVEL
    )
    compared = compare_arms(
        data.counts,
        data.unit,
        cells=data.cells,
        min_views=min_views,
        level=LEVEL,
        planned_end_reached=ended,
    )
    return summary, compared


def _arm_rows(
    arms: list[Arm],
    summaries: tuple[ArmSummary, ...],
    comparisons: tuple[Comparison, ...],
    steps: Mapping[int, Mapping[str, int]],
) -> tuple[ArmRow, ...]:
    weight = sum(arm.weight for arm in arms)
    compared = {comparison.arm: comparison for comparison in comparisons}
    paper = table_3_rows([arm.selector for arm in arms])
    return tuple(
        ArmRow(
            index=arm.index,
            name=arm.name,
            selector=arm.selector,
            share=arm.weight / weight,
            videos=line.videos,
            views=line.views,
            clicks=line.clicks,
            mean_views=line.mean_views,
            mean_clicks=line.mean_clicks,
            mean_ctr=line.mean_ctr,
            pooled_ctr=line.pooled_ctr,
            comparison=compared.get(line.arm),
            paper=paper.get(arm.selector),
            steps=tuple(steps.get(arm.index, {}).items()),
        )
        for arm, line in zip(arms, summaries, strict=True)
    )


def _left_out(
    named: Mapping[int, Video], counts: VideoCounts, inclusion: Inclusion
) -> tuple[LeftOutVideos, ...]:
    groups = [
        LeftOutVideos(group.reason, tuple(named[pk].slug for pk in group.video_ids))
        for group in inclusion.left_out
    ]
    shown = set(counts.video_ids.tolist())
    never_shown = tuple(video.slug for pk, video in named.items() if pk not in shown)
    if never_shown:
        groups.append(LeftOutVideos(NEVER_SHOWN, never_shown))
    return tuple(groups)


def _named_videos(experiment: Experiment, counts: VideoCounts) -> dict[int, Video]:
    """Return the experiment's videos by primary key, with those shown that are no longer in it."""
    named = experiment.videos.only("slug", "title").in_bulk()
    gone = [pk for pk in counts.video_ids.tolist() if pk not in named]
    return named | Video.objects.only("slug", "title").in_bulk(gone)


def _shares(experiment: Experiment, data: Counted, arms: list[Arm]) -> SampleRatio:
    """Check that the arms got their share of the units that the design assigns."""
    weights = [arm.weight for arm in arms]
    if experiment.phases.filter(number__gt=1).exists():
        return _shares_by_phase(experiment, data)
    if data.cells is not None:
        return srm(data.counts.arms, _viewers_by_arm(data.cells), weights)
    return _share_of_videos(data.unit, data.counts, weights)


def _shares_by_phase(experiment: Experiment, data: Counted) -> SampleRatio:
    """Check each phase against its own shares: a change of them is no mismatch."""
    phases = queries.phase_counts(experiment.pk)
    if not phases:  # nothing counted: one check that says so
        return srm_by_video(data.counts, np.ones(len(data.counts.arms)))
    if data.unit is Unit.VIEWER:
        viewers = queries.phase_viewers(experiment.pk)
        return combined(
            [srm(data.counts.arms, viewers[phase.number], phase.shares) for phase in phases]
        )
    return combined([_share_of_videos(data.unit, phase.counts, phase.shares) for phase in phases])


def _share_of_videos(unit: Unit, counts: VideoCounts, weights: ArrayLike) -> SampleRatio:
    if unit is Unit.VIDEO:
        return srm(counts.arms, (counts.views > 0).sum(axis=0), weights)
    return srm_by_video(counts, weights)


def _viewers_by_arm(cells: ViewerVideoCells) -> IntArray:
    """Return the number of viewers with any view, by arm, (K,)."""
    seen = cells.views > 0
    pairs = np.unique(np.stack([cells.viewer_ids[seen], cells.arm_index[seen]]), axis=1)
    return np.bincount(pairs[1], minlength=len(cells.arms))
